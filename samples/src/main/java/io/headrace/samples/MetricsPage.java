package io.headrace.samples;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.headrace.Codec;
import io.headrace.Connection;
import io.headrace.Endpoint;
import io.headrace.Session;
import io.headrace.Slot;
import io.headrace.Stage;
import io.headrace.tcp.StreamSetup;
import io.headrace.tcp.TcpOptions;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;

/** {@code GET /metrics} for Prometheus: Netty's own HTTP handlers on a Headrace endpoint. One object per connection. */
record MetricsPage(Connection<FullHttpResponse> scraper, PrometheusMeterRegistry registry)
        implements Session<FullHttpRequest> {
    private static final int MAX_REQUEST_BYTES = 4_096;
    private static final String TEXT_FORMAT = "text/plain; version=0.0.4; charset=utf-8";

    static Endpoint endpoint(StreamSetup<TcpOptions, ByteBuf, Object> at, PrometheusMeterRegistry registry) {
        return at.named("metrics")
                .with(Stage.netty(Slot.FRAMING, "http", HttpServerCodec::new))
                .with(Stage.netty(Slot.FRAMING, "http-whole", () -> new HttpObjectAggregator(MAX_REQUEST_BYTES)))
                .codec(Codec.none(FullHttpRequest.class, FullHttpResponse.class))
                .sessions(scraper -> new MetricsPage(scraper, registry));
    }

    @Override
    public void received(FullHttpRequest request) {
        boolean understood = request.decoderResult().isSuccess();
        FullHttpResponse response = understood ? answer(request) : text(HttpResponseStatus.BAD_REQUEST, "");
        boolean keepAlive = understood && HttpUtil.isKeepAlive(request);
        HttpUtil.setKeepAlive(response.headers(), request.protocolVersion(), keepAlive);
        if (keepAlive) {
            scraper.send(response);
        } else {
            scraper.sendAndClose(response);
        }
    }

    private FullHttpResponse answer(FullHttpRequest request) {
        if (!request.uri().equals("/metrics")) {
            return text(HttpResponseStatus.NOT_FOUND, "see /metrics\n");
        }
        if (!request.method().equals(HttpMethod.GET)) {
            FullHttpResponse refusal = text(HttpResponseStatus.METHOD_NOT_ALLOWED, "");
            refusal.headers().set(HttpHeaderNames.ALLOW, HttpMethod.GET);
            return refusal;
        }
        return text(HttpResponseStatus.OK, registry.scrape());
    }

    private static FullHttpResponse text(HttpResponseStatus status, String body) {
        ByteBuf bytes = Unpooled.copiedBuffer(body, UTF_8);
        FullHttpResponse response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, bytes);
        response.headers().set(HttpHeaderNames.CONTENT_TYPE, TEXT_FORMAT);
        response.headers().set(HttpHeaderNames.CONTENT_LENGTH, bytes.readableBytes());
        return response;
    }
}
