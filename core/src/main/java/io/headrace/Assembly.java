package io.headrace;

import io.netty.channel.Channel;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Puts the stages of an endpoint in their order: by slot, and within a slot by the order of adding, defaults first. */
final class Assembly {
    private record Place(Slot slot, Stage<?> stage, boolean byDefault, boolean guards) {}

    private final List<? extends Stage<?>> chosen;
    private final List<Stage<?>> kept;
    private final List<Place> places = new ArrayList<>();
    private final boolean tookGuardAway;

    Assembly(List<? extends Stage<?>> defaults, List<? extends Stage<?>> chosen) {
        this.chosen = chosen;
        Set<Object> replaced = flat(chosen).map(Stage::kind).collect(Collectors.toSet());
        List<Stage<?>> keptDefaults = new ArrayList<>(defaults);
        tookGuardAway = flat(defaults)
                .anyMatch(stage -> replaced.contains(stage.kind())
                        && stage instanceof ChannelStage<?> channelStage
                        && channelStage.guards());
        keptDefaults.removeIf(stage -> replaced.contains(stage.kind()));
        keptDefaults.forEach(stage -> place(stage, true));
        chosen.forEach(stage -> place(stage, false));
        kept = new ArrayList<>(keptDefaults);
        kept.addAll(chosen);
        places.sort(Comparator.comparing(Place::slot));
    }

    /** These stages, and those in their groups. */
    private static Stream<Stage<?>> flat(List<? extends Stage<?>> stages) {
        return stages.stream()
                .flatMap(stage -> stage instanceof StageGroup<?> group
                        ? Stream.concat(Stream.of(stage), flat(group.parts()))
                        : Stream.of(stage));
    }

    private void place(Stage<?> stage, boolean byDefault) {
        if (stage instanceof StageGroup<?> group) {
            group.parts().forEach(part -> place(part, byDefault));
        } else if (stage instanceof ChannelStage<?> channelStage) {
            places.add(new Place(channelStage.slot(), stage, byDefault, channelStage.guards()));
        } else if (stage instanceof MessageStage messageStage) {
            places.add(new Place(
                    messageStage.slot(), stage, byDefault, messageStage.slot().guards()));
        }
    }

    /** Whether the user has decided who may come in: chose a stage that guards, or took one away. */
    boolean guarded() {
        return tookGuardAway || places.stream().anyMatch(place -> !place.byDefault && place.guards);
    }

    void check(Problems problems, Transport<?> transport, Application<?, ?> application) {
        kept.forEach(stage -> stage.check(problems));
        if (application != null) { // Which is said elsewhere.
            kept.forEach(stage -> stage.check(problems, application));
        }
        Set<Object> kinds = new HashSet<>();
        flat(chosen).forEach(stage -> problems.expect(kinds.add(stage.kind()), "with", stage, "one stage of a kind"));
        for (Place place : places) {
            boolean right = place.slot.messages() == (place.stage instanceof MessageStage)
                    && place.slot != Slot.CODEC
                    && transport.slots().contains(place.slot);
            problems.expect(right, place.stage + " in slot", place.slot, "one of " + slotsFor(place.stage, transport));
        }
    }

    private static String slotsFor(Stage<?> stage, Transport<?> transport) {
        return transport.slots().stream()
                .filter(slot -> slot.messages() == (stage instanceof MessageStage) && slot != Slot.CODEC)
                .sorted()
                .map(Slot::name)
                .collect(Collectors.joining(", "));
    }

    /** The channel stages in wire order. */
    @SuppressWarnings("unchecked") // The setup accepted only stages that can stand on its channels.
    List<ChannelStage<Channel>> channelStages() {
        return places.stream()
                .filter(place -> place.stage instanceof ChannelStage)
                .map(place -> (ChannelStage<Channel>) place.stage)
                .toList();
    }

    /** The message stages, outermost first. */
    List<MessageStage> messageStages() {
        return places.stream()
                .filter(place -> place.stage instanceof MessageStage)
                .map(place -> (MessageStage) place.stage)
                .toList();
    }

    /** The line as a picture; defaults carry a star. */
    String picture(Object codec) {
        Map<Slot, List<String>> line = new LinkedHashMap<>();
        for (Slot slot : Slot.values()) {
            if (slot == Slot.CODEC) {
                line.put(slot, List.of(String.valueOf(codec)));
            }
            List<String> stages = places.stream()
                    .filter(place -> place.slot == slot)
                    .map(place -> place.stage + (place.byDefault ? "*" : ""))
                    .toList();
            if (!stages.isEmpty()) {
                line.put(slot, stages);
            }
        }
        return line.entrySet().stream()
                .map(entry -> entry.getKey() + " " + String.join(", ", entry.getValue()))
                .collect(Collectors.joining(" > "));
    }
}
