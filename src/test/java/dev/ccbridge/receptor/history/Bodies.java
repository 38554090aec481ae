package dev.ccbridge.receptor.history;

import java.nio.file.Path;

/**
 * What clients ask for: tasks that leave a line of their nonce in a file outside whenever they run.
 *
 * @param callbackUrl for tasks that tell of their end
 */
record Bodies(Path runs, String callbackUrl) {

  String task(String guid, String domain, String nonce, boolean tells) {
    var end =
        nonce.contains(TaskModel.FAILS) ? "exit 7" : "printf %s > /tmp/result".formatted(nonce);
    return """
    {"task_guid":"%s","domain":"%s","rootfs":"preloaded:cflinuxfs4","annotation":"%s",
     "action":{"run":{"path":"/bin/sh","args":["-c","echo %s >> %s; %s"],"user":"vcap"}},
     "result_file":"/tmp/result","completion_callback_url":"%s"}\
    """
        .formatted(guid, domain, nonce, nonce, runs, end, tells ? callbackUrl : "");
  }

  String lrp(String guid, String domain, String nonce, int instances) {
    return """
    {"process_guid":"%s","domain":"%s","rootfs":"preloaded:cflinuxfs4","annotation":"%s",
     "action":{"run":{"path":"/bin/sh","args":["-c","exec sleep 3600"],"user":"vcap"}},
     "instances":%d}\
    """
        .formatted(guid, domain, nonce, instances);
  }
}
