package dev.ccbridge.tracing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class TraceContextTest {
  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final String SPAN = "00f067aa0ba902b7";

  @Test
  void whatIsReadIsWrittenAgain() {
    for (var header :
        new String[] {"00-" + TRACE + "-" + SPAN + "-01", "00-" + TRACE + "-" + SPAN + "-00"}) {
      assertThat(TraceContext.parse(header).map(TraceContext::traceparent)).hasValue(header);
    }
    assertThat(TraceContext.parse("00-" + TRACE + "-" + SPAN + "-03").orElseThrow().sampled())
        .isTrue();
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(
      strings = {
        "",
        "00-" + TRACE + "-" + SPAN,
        "00-00000000000000000000000000000000-" + SPAN + "-01",
        "00-" + TRACE + "-0000000000000000-01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-" + SPAN + "-01",
        "01-" + TRACE + "-" + SPAN + "-01",
        "00-" + TRACE + "-" + SPAN + "-01\n",
      })
  void whatIsNoContextIsNone(String header) {
    assertThat(TraceContext.parse(header)).isEmpty();
  }

  @Test
  void withoutACollectorThereIsNothing() {
    var span = Traces.NONE.start("name", Traces.Kind.SERVER, Optional.empty(), Map.of());
    assertThat(span.context()).isEmpty();
  }
}
