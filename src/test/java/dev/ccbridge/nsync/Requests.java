package dev.ccbridge.nsync;

import dev.ccbridge.receptor.model.DesiredLRPCreateRequest;

/** Create requests for tests. */
final class Requests {
  private Requests() {}

  /** The same under another guid. */
  static DesiredLRPCreateRequest copy(DesiredLRPCreateRequest r, String guid, String domain) {
    return new DesiredLRPCreateRequest(
        guid,
        domain,
        r.rootfs(),
        r.instances(),
        r.env(),
        r.setup(),
        r.action(),
        r.monitor(),
        r.startTimeout(),
        r.diskMb(),
        r.memoryMb(),
        r.cpuWeight(),
        r.privileged(),
        r.ports(),
        r.routes(),
        r.logGuid(),
        r.logSource(),
        r.metricsGuid(),
        r.annotation(),
        r.egressRules(),
        "",
        "");
  }
}
