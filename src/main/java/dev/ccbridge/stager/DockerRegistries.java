package dev.ccbridge.stager;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectReader;
import dev.ccbridge.CcBridgeException;
import dev.ccbridge.ErrorKind;
import dev.ccbridge.receptor.model.ReceptorJson;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The nodes of the caching registry, as Consul's catalogue has them. Source: stager
 * backend/docker_backend.go @1847376, getDockerRegistryServices. Thread-safe.
 *
 * <p>An answer with nodes is remembered for {@link #MEMORY}: the check at the front door and the
 * recipe made a moment later ask once.
 */
final class DockerRegistries implements AutoCloseable {
  static final Duration MEMORY = Duration.ofSeconds(15);
  private static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final int MAX_ANSWER_BYTES = 1 << 20;
  private static final String PATH = "/v1/catalog/service/docker-registry";

  private static final ObjectReader SERVICES =
      ReceptorJson.mapper()
          .readerFor(Service[].class)
          .with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private record Service(@JsonProperty("Address") @Nullable String address) {}

  private record Known(List<String> addresses, Instant until) {}

  private final Optional<URI> consul;
  private final Clock clock;
  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(TIMEOUT)
          .followRedirects(HttpClient.Redirect.NORMAL)
          .build();
  private @Nullable Known known;

  /**
   * @param consul base of a Consul agent's HTTP API; empty: there are no registries
   */
  DockerRegistries(Optional<URI> consul, Clock clock) {
    this.consul = consul;
    this.clock = clock;
  }

  /**
   * Addresses in the catalogue's order; empty when it has none.
   *
   * @throws CcBridgeException UNAVAILABLE when Consul cannot be asked; the message has neither its
   *     URL nor its answer
   */
  synchronized List<String> addresses() {
    if (known != null && clock.instant().isBefore(known.until())) {
      return known.addresses();
    }
    if (consul.isEmpty()) {
      return List.of();
    }
    var addresses = ask(consul.get());
    known = addresses.isEmpty() ? null : new Known(addresses, clock.instant().plus(MEMORY));
    return addresses;
  }

  /** As in the original the status does not count, only what can be read. */
  private List<String> ask(URI base) {
    var body = get(base);
    try {
      @Nullable Service @Nullable [] services = SERVICES.readValue(body);
      var addresses = new ArrayList<String>();
      for (@Nullable Service service : services == null ? new Service[0] : services) {
        addresses.add(service == null || service.address() == null ? "" : service.address());
      }
      return List.copyOf(addresses);
    } catch (JsonProcessingException unreadable) {
      throw unavailable("the answer is no list of services", unreadable);
    } catch (IOException impossible) {
      throw new IllegalStateException("reading from memory", impossible);
    }
  }

  private byte[] get(URI base) {
    var request =
        HttpRequest.newBuilder(URI.create(base.toString().replaceFirst("/+$", "") + PATH)).build();
    // The library's own timeout ends with the headers, so the whole is timed here.
    var answer =
        http.sendAsync(
            request, BodyHandlers.limiting(BodyHandlers.ofByteArray(), MAX_ANSWER_BYTES));
    try {
      return answer.get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS).body();
    } catch (TimeoutException silent) {
      answer.cancel(true);
      throw unavailable("no answer within " + TIMEOUT.toSeconds() + " s", silent);
    } catch (ExecutionException broken) {
      throw unavailable("the connection failed", broken);
    } catch (InterruptedException stopping) {
      answer.cancel(true);
      Thread.currentThread().interrupt();
      throw unavailable("we are stopping", stopping);
    }
  }

  private static CcBridgeException unavailable(String why, @Nullable Throwable cause) {
    return new CcBridgeException(
        ErrorKind.UNAVAILABLE, "Consul cannot be asked for docker registries: " + why, cause);
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
