package dev.ccbridge.receptor;

import dev.ccbridge.receptor.model.Action;
import dev.ccbridge.receptor.model.DesiredLRPCreateRequest;
import dev.ccbridge.receptor.model.DesiredLRPUpdateRequest;
import dev.ccbridge.receptor.model.ReceptorJson;
import dev.ccbridge.receptor.model.RouteValue;
import dev.ccbridge.receptor.model.TaskCreateRequest;
import java.util.List;
import java.util.Map;

/** Requests for tests, valid unless their name says otherwise. */
public final class Requests {
  private Requests() {}

  public static TaskCreateRequest task(String guid) {
    return task(guid, "demo", "");
  }

  public static TaskCreateRequest task(String guid, String domain, String callbackUrl) {
    return new TaskCreateRequest(
        Action.run("vcap", "/bin/make", List.of("all"), List.of(), null, ""),
        "{\"k\":1}",
        callbackUrl,
        20,
        512,
        domain,
        guid,
        "MAKE",
        "",
        256,
        "/home/vcap/out.json",
        guid,
        "preloaded:trusty",
        false,
        List.of(),
        List.of());
  }

  public static DesiredLRPCreateRequest lrp(String processGuid, int instances) {
    return lrp(processGuid, "demo", instances);
  }

  public static DesiredLRPCreateRequest lrp(String processGuid, String domain, int instances) {
    return read(
        """
        {"process_guid":"%s","domain":"%s","rootfs":"preloaded:trusty","instances":%d,
         "action":{"run":{"path":"/app","user":"vcap"}},"start_timeout":60,"disk_mb":128,
         "memory_mb":64,"cpu_weight":10,"ports":[8080],
         "routes":{"cf-router":[{"port":8080,"hostnames":["r.example.com"]}]},
         "log_guid":"%s","log_source":"APP","annotation":"rev 1"}"""
            .formatted(processGuid, domain, instances, processGuid),
        DesiredLRPCreateRequest.class);
  }

  public static DesiredLRPUpdateRequest instances(int instances) {
    return new DesiredLRPUpdateRequest(instances, null, null);
  }

  public static <T> T read(String json, Class<T> type) {
    try {
      return ReceptorJson.mapper().readValue(json, type);
    } catch (Exception broken) {
      throw new AssertionError("not readable: " + json, broken);
    }
  }

  public static Map<String, RouteValue> routes(String json) {
    return read("{\"routes\":" + json + "}", DesiredLRPUpdateRequest.class).routes();
  }
}
