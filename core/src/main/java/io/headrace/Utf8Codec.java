package io.headrace;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/** UTF-8 text, with malformed input refused. */
enum Utf8Codec implements Codec<String, String> {
    INSTANCE;

    @Override
    public String decode(ByteBuf bytes) throws MalformedMessageException {
        String text = bytes.toString(StandardCharsets.UTF_8);
        // The JDK's fast path puts U+FFFD where input is malformed; only then is a strict second look worth its price.
        if (text.indexOf('\uFFFD') >= 0) {
            requireWellFormed(bytes);
        }
        return text;
    }

    @Override
    public void encode(String message, ByteBuf out) {
        ByteBufUtil.writeUtf8(out, message);
    }

    private static void requireWellFormed(ByteBuf bytes) throws MalformedMessageException {
        try {
            StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .decode(bytes.nioBuffer());
        } catch (CharacterCodingException malformed) {
            throw new MalformedMessageException("malformed UTF-8");
        }
    }

    @Override
    public String toString() {
        return "utf8";
    }
}
