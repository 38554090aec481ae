package dev.ccbridge.operator;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** docs/settings.md is made from the tables; {@code -Dsettings.update=true} rewrites it. */
class SettingsDocTest {
  private static final Path FILE = Path.of("docs/settings.md");

  @Test
  void theDocumentSaysWhatTheTablesSay() throws Exception {
    var made = document();
    if (Boolean.getBoolean("settings.update")) {
      Files.writeString(FILE, made);
    }
    assertThat(FILE).as("run with -Dsettings.update=true").content().isEqualTo(made);
  }

  private static String document() {
    var text =
        new StringBuilder(
            """
            # Settings

            Made from the tables in `Setting` and `Role`; change those, then run
            `mvn test -Dtest=SettingsDocTest -Dsettings.update=true`.

            ## `cc-bridge operator` and `cc-bridge quickstart`

            Each setting is an option of the command line, a variable, and a key of a YAML file that `--config` names. The first of these that
            says something counts, in this order; a blank value says nothing. An unknown name, a value of another form, a key given twice and
            settings that contradict each other stop the start with exit code 2. Durations are written as `30s`, `2m` or `1m30s`. In the file a
            list may be a YAML list. Secrets may be in files: the names with `-file`, `_FILE`, `File`.

            | option | variable | key | value | default | meaning |
            |---|---|---|---|---|---|
            """);
    for (var name : SettingName.all()) {
      text.append(
          "| `%s` | `%s` | %s | %s | %s | %s |\n"
              .formatted(
                  name.option(),
                  name.variable(),
                  name.setting() == Setting.CONFIG ? "–" : "`" + name.key() + "`",
                  cell(name.label()),
                  name.ofFile() || name.setting().defaultValue().isEmpty()
                      ? ""
                      : "`" + name.setting().defaultValue() + "`",
                  cell(name.description())));
    }
    text.append(
        """

        ## Roles

        `cc-bridge ROLE` runs one program of the original cc_bridge with its flags, by the rules of Go: `-flag=value`, `-flag value`, `--flag`. A flag
        sets what its setting sets; for what no flag says, the variables and the file (`-config`) hold too, then the defaults of the role, then
        those above. Without a cluster (`-kubeconfig`, `KUBECONFIG`, a service account) all roles of one `-data` directory share an embedded
        Kubernetes API, for trying, never for production.
        """);
    for (var role : Role.values()) {
      text.append("\n### `cc-bridge ").append(role.command()).append("`\n\n");
      text.append(role.description()).append("\n\n");
      text.append("| flag | default | sets |\n|---|---|---|\n");
      for (var flag : role.flags()) {
        text.append(
            "| `-%s` | %s | %s |\n"
                .formatted(
                    flag.name(),
                    flag.defaultValue().isEmpty() ? "" : "`" + flag.defaultValue() + "`",
                    flag.setting().map(s -> "`" + s.name() + "`").orElse("nothing")));
      }
    }
    return text.toString();
  }

  /** A bar would end the cell. */
  private static String cell(String text) {
    return text.replace("|", "\\|");
  }
}
