package dev.ccbridge.e2e;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** What {@code /metrics} tells, in the text format of Prometheus, by the names of its families. */
final class Scrape {
  private static final Pattern COMMENT =
      Pattern.compile("^# (HELP|TYPE) (\\S+) (.*)$", Pattern.MULTILINE);
  private static final Pattern SAMPLE =
      Pattern.compile("^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\\{(.*)\\})? (\\S+)$", Pattern.MULTILINE);
  private static final Pattern LABEL = Pattern.compile("(\\w+)=\"((?:[^\"\\\\]|\\\\.)*)\"");

  /**
   * One metric.
   *
   * @param labels with the values seen, without those that a type brings along
   */
  record Family(String type, String help, Map<String, Set<String>> labels) {}

  private final Map<String, Family> families = new TreeMap<>();
  private final Map<String, Double> samples = new LinkedHashMap<>();

  private Scrape() {}

  static Scrape of(String text) {
    var scrape = new Scrape();
    var help = new TreeMap<String, String>();
    COMMENT
        .matcher(text)
        .results()
        .forEach(
            found -> {
              if (found.group(1).equals("HELP")) {
                help.put(found.group(2), found.group(3).strip());
                return;
              }
              scrape.families.put(
                  found.group(2),
                  new Family(
                      found.group(3), help.getOrDefault(found.group(2), ""), new TreeMap<>()));
            });
    SAMPLE
        .matcher(text)
        .results()
        .forEach(found -> scrape.add(found.group(1), found.group(2), found.group(3)));
    return scrape;
  }

  private void add(String name, String labels, String value) {
    samples.put(name + (labels == null ? "" : "{" + labels + "}"), Double.valueOf(value));
    var family = families.get(familyOf(name));
    if (family == null || labels == null) {
      return;
    }
    LABEL
        .matcher(labels)
        .results()
        .filter(label -> !label.group(1).equals("le"))
        .forEach(
            label ->
                family
                    .labels()
                    .computeIfAbsent(label.group(1), l -> new TreeSet<>())
                    .add(label.group(2)));
  }

  /** A histogram's samples have more words in their names. */
  private String familyOf(String sample) {
    return families.containsKey(sample) ? sample : sample.replaceFirst("_(bucket|count|sum)$", "");
  }

  Map<String, Family> families() {
    return families;
  }

  /** Each sample by its name with its labels, as they stand there. */
  Map<String, Double> samples() {
    return samples;
  }
}
