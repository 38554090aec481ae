package dev.ccbridge.nsync.bulk;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.ccbridge.nsync.bulk.ScriptedServer.Answer;
import dev.ccbridge.nsync.bulk.ScriptedServer.Seen;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** A Cloud Controller that wants some apps, and pages as the real one does. */
final class WantedApps implements ScriptedServer.Script {
  private static final Pattern QUERY =
      Pattern.compile(
          "/internal/bulk/apps\\?batch_size=(\\d+)&format=fingerprint&token=(?:\\{}|\\{\"id\":(\\d+)})");
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Bodies by process guid, in the order in which they are told. */
  private final Map<String, String> apps = new LinkedHashMap<>();

  synchronized void want(String guid, String etag) {
    want(guid, etag, "\"droplet_uri\":\"http://cc.test/droplet\"");
  }

  synchronized void want(String guid, String etag, String members) {
    apps.put(
        guid,
        """
        {"process_guid":"%s","etag":"%s","stack":"cflinuxfs2","num_instances":1,"memory_mb":128,
         "disk_mb":256,"routes":["%s.test"],"log_guid":"log","environment":[],%s}
        """
            .formatted(guid, etag, guid.toLowerCase(java.util.Locale.ROOT), members));
  }

  synchronized void forget(String guid) {
    apps.remove(guid);
  }

  @Override
  public synchronized Answer answer(Seen request) throws Exception {
    return request.method().equals("GET") ? page(request.path()) : bodies(request.body());
  }

  private Answer page(String path) throws Exception {
    var query = QUERY.matcher(path);
    if (!query.matches()) {
      return Answer.status(404);
    }
    var size = Integer.parseInt(query.group(1));
    var from = query.group(2) == null ? 0 : Integer.parseInt(query.group(2));
    var all = new ArrayList<>(apps.keySet());
    var to = Math.min(all.size(), from + size);
    var page = new ArrayList<String>();
    for (var guid : all.subList(Math.min(from, to), to)) {
      page.add(
          "{\"process_guid\":\"%s\",\"etag\":\"%s\"}"
              .formatted(guid, JSON.readTree(apps.get(guid)).get("etag").asText()));
    }
    return Answer.json(
        "{\"token\":{\"id\":%s},\"fingerprints\":[%s]}"
            .formatted(page.isEmpty() ? "null" : to, String.join(",", page)));
  }

  private Answer bodies(String asked) throws Exception {
    var found = new ArrayList<String>();
    for (JsonNode guid : JSON.readTree(asked)) {
      if (apps.containsKey(guid.asText())) {
        found.add(apps.get(guid.asText()));
      }
    }
    return Answer.json("[" + String.join(",", found) + "]");
  }

  static List<String> asked(List<Seen> posts) throws Exception {
    var guids = new ArrayList<String>();
    for (var post : posts) {
      JSON.readTree(post.body()).forEach(guid -> guids.add(guid.asText()));
    }
    return guids;
  }
}
