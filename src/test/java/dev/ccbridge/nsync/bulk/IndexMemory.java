package dev.ccbridge.nsync.bulk;

import dev.ccbridge.api.Api;
import dev.ccbridge.api.DesiredLRP;
import dev.ccbridge.cloudcontroller.model.DesiredAppFingerprint;
import dev.ccbridge.receptor.Receptor;
import dev.ccbridge.receptor.model.DesiredLRPSummary;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * The indices of 100,000 apps and a comparison of them all, in a heap in which the resources
 * themselves have no room. Ends with 0 when it had enough.
 */
final class IndexMemory {
  static final int APPS = 100_000;
  private static final int PAGE = 500;

  private IndexMemory() {}

  public static void main(String[] arguments) {
    var store = new AppStore("default");
    for (var i = 0; i < APPS; i++) {
      store.put(guid(i), resource(i));
    }
    var lrps = new KnownLRPs();
    var receptor = receptor();
    lrps.list(receptor);
    // A second list, as after each cut stream, beside the first one.
    lrps.list(receptor);

    var snapshot = store.snapshot();
    var differ = new Differ(snapshot);
    for (var from = 0; from < APPS; from += PAGE) {
      var difference = differ.compare(page(from));
      check(difference.missing().isEmpty() && difference.stale().isEmpty(), "a difference");
    }
    check(differ.excess().isEmpty(), "an excess");
    check(lrps.without(snapshot.keySet()).isEmpty(), "an LRP without a resource");
    check(store.size() == APPS && lrps.size() == APPS, "apps missing");
  }

  private static List<DesiredAppFingerprint> page(int from) {
    var page = new ArrayList<DesiredAppFingerprint>();
    for (var i = from; i < from + PAGE; i++) {
      page.add(new DesiredAppFingerprint(guid(i), etag(i)));
    }
    return page;
  }

  private static Receptor receptor() {
    return (Receptor)
        Proxy.newProxyInstance(
            IndexMemory.class.getClassLoader(),
            new Class<?>[] {Receptor.class},
            (proxy, method, parameters) -> {
              @SuppressWarnings("unchecked")
              var each = (Consumer<DesiredLRPSummary>) parameters[1];
              for (var i = 0; i < APPS; i++) {
                each.accept(new DesiredLRPSummary(guid(i), "cf-apps", etag(i)));
              }
              return null;
            });
  }

  private static DesiredLRP resource(int i) {
    // Some 3 KB: 100,000 of them would fill the heap several times.
    return Serialization.unmarshal(
        """
        {"apiVersion":"%s/%s","kind":"DesiredLRP",
         "metadata":{"name":"%s","namespace":"default","uid":"%s","resourceVersion":"%d",
          "annotations":{"a":"%s"}},
         "spec":{"processGuid":"%s","etag":"%s","startCommand":"%s",
          "source":{"droplet":{"uri":"http://cc.test/d"}}}}
        """
            .formatted(
                Api.GROUP,
                Api.VERSION,
                guid(i),
                new UUID(i, 7),
                1_000_000 + i,
                "m".repeat(1500),
                guid(i),
                etag(i),
                "c".repeat(1500)),
        DesiredLRP.class);
  }

  /** 73 characters, as Cloud Controller's are. */
  private static String guid(int i) {
    return new UUID(i, 1) + "-" + new UUID(i, 2);
  }

  private static String etag(int i) {
    return "1440" + i + "487.25";
  }

  private static void check(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalStateException(otherwise);
    }
  }
}
