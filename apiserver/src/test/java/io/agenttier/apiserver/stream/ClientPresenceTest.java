package io.agenttier.apiserver.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import org.junit.jupiter.api.Test;

class ClientPresenceTest {
    private final ClientPresence client =
            new ClientPresence(new EmbeddedChannel(), new OutboundBudget(1 << 20), () -> {});

    @Test
    void isNotGoneIfItLeavesWithTheWholeAnswer() {
        client.served();
        client.left();
        assertThat(client.isGone()).isFalse();
    }

    @Test
    void isGoneIfItLeavesBefore() {
        client.left();
        client.served();
        assertThat(client.isGone()).isTrue();
    }
}
