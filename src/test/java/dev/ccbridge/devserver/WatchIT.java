package dev.ccbridge.devserver;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Timeout;

/** {@link WatchContract} on ours and on a real server. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class WatchIT {

  @Nested
  class OnTheDevelopmentServer extends WatchContract {
    private static ApiUnderTest api;

    @BeforeAll
    static void start() {
      api = ApiUnderTest.development();
    }

    @AfterAll
    static void stop() {
      api.close();
    }

    @Override
    ApiUnderTest api() {
      return api;
    }
  }

  @Nested
  class OnARealServer extends WatchContract {
    private static ApiUnderTest api;

    @BeforeAll
    static void start() {
      api = ApiUnderTest.real();
    }

    @AfterAll
    static void stop() {
      if (api != null) {
        api.close();
      }
    }

    @Override
    ApiUnderTest api() {
      return api;
    }
  }
}
