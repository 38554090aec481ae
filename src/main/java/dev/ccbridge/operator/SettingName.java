package dev.ccbridge.operator;

import java.util.Arrays;
import java.util.List;

/**
 * A name under which a setting is given.
 *
 * @param ofFile whether the value is the path of a file that holds it; for secrets only
 */
record SettingName(Setting setting, boolean ofFile) {

  static List<SettingName> all() {
    return Arrays.stream(Setting.values()).flatMap(s -> s.names().stream()).toList();
  }

  String variable() {
    return setting.variable() + (ofFile ? "_FILE" : "");
  }

  String option() {
    return setting.option() + (ofFile ? "-file" : "");
  }

  String key() {
    return setting.key() + (ofFile ? "File" : "");
  }

  /** What a value looks like, for people. */
  String label() {
    return ofFile ? Setting.Form.FILE.label() : setting.form().label();
  }

  String description() {
    return ofFile ? "file that holds what " + setting.option() + " would" : setting.description();
  }
}
