package dev.ccbridge.operator;

import dev.ccbridge.CcBridgeException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** The command line. */
public final class Main {
  private static final int OK = 0;
  private static final int FAILED = 1;
  private static final String ONCE = "--once";
  private static final String DIR = "DIR";

  private Main() {}

  /** Runs a command; ends the process with its exit code. */
  public static void main(String[] arguments) {
    System.exit(run(arguments));
  }

  static int run(String... arguments) {
    var commands = new CommandLine(root());
    commands.addSubcommand(new CommandLine(quickstart()));
    commands.addSubcommand(new CommandLine(operator()));
    commands.setExecutionStrategy(Main::execute);
    return commands.execute(arguments);
  }

  private static int execute(ParseResult parsed) {
    try {
      return runCommand(parsed);
    } catch (CcBridgeException expected) {
      System.err.println("cc-bridge: " + expected.message());
      return expected instanceof ConfigException ? CommandLine.ExitCode.USAGE : FAILED;
    } catch (Exception unexpected) {
      LoggerFactory.getLogger(Main.class).error("command failed", unexpected);
      System.err.println("cc-bridge: failed: " + unexpected);
      return FAILED;
    }
  }

  private static int runCommand(ParseResult parsed) throws Exception {
    var helped = CommandLine.executeHelpRequest(parsed);
    if (helped != null) {
      return helped;
    }
    if (!parsed.hasSubcommand()) {
      parsed.commandSpec().commandLine().usage(System.err);
      return CommandLine.ExitCode.USAGE;
    }
    var command = parsed.subcommand();
    var home = Path.of(System.getProperty("ccbridge.home", "."));
    var options = settings(command);
    var config = OperatorConfig.from(System.getenv(), options, home);
    return switch (command.commandSpec().name()) {
      case "quickstart" ->
          Quickstart.run(
              config,
              new Quickstart.Options(
                  command.hasMatchedPositional(0)
                      ? Path.of(command.<String>matchedPositionalValue(0, ""))
                      : null,
                  command.hasMatchedOption(ONCE),
                  home));
      case "operator" ->
          OperatorCommand.run(config, OperatorConfig.describe(System.getenv(), options));
      default ->
          throw new IllegalStateException("no such command: " + command.commandSpec().name());
    };
  }

  private static Map<Setting, String> settings(ParseResult command) {
    var settings = new EnumMap<Setting, String>(Setting.class);
    for (var setting : Setting.values()) {
      if (command.hasMatchedOption(setting.option())) {
        settings.put(setting, command.<String>matchedOptionValue(setting.option(), ""));
      }
    }
    return settings;
  }

  private static CommandSpec root() {
    var spec =
        describe(
            "cc-bridge", "Source in, running app out: Diego's cc_bridge as a Kubernetes operator.");
    spec.usageMessage()
        .footer(
            "",
            "Exit codes: 0 done, 1 failed, 2 wrong usage or setting, 130 and 143 ended by a signal.",
            "Each option of a command can also be set as a variable, --data as CC_BRIDGE_DATA.");
    spec.addOption(
        OptionSpec.builder("-V", "--version")
            .versionHelp(true)
            .description("print the version")
            .build());
    spec.version("cc-bridge " + version());
    return spec;
  }

  private static String version() {
    var version = Main.class.getPackage().getImplementationVersion();
    return version == null ? "(not packaged)" : version;
  }

  private static CommandSpec quickstart() {
    var spec =
        describe(
            "quickstart",
            "Stages a source and runs it in two instances, on this machine, driven by two Kubernetes resources.",
            "Brings a Kubernetes API of its own for that, unless --kubeconfig names a cluster.");
    spec.addOption(
        OptionSpec.builder(ONCE)
            .description(
                "check that the app answers, print the seconds, and end: exit code 0 when all went well, else 1")
            .build());
    spec.addPositional(
        PositionalParamSpec.builder()
            .paramLabel(DIR)
            .index("0")
            .arity("0..1")
            .type(String.class)
            .description("directory with the source of an app; default: the sample hello-procfile")
            .build());
    return spec;
  }

  private static CommandSpec operator() {
    return describe(
        "operator",
        "Runs the operator against a Kubernetes cluster, until it is ended by a signal.");
  }

  private static CommandSpec describe(String name, String... description) {
    var spec = CommandSpec.create().name(name);
    spec.usageMessage()
        .description(description)
        .abbreviateSynopsis(true)
        .sortOptions(false)
        .width(110);
    spec.addOption(
        OptionSpec.builder("-h", "--help").usageHelp(true).description("print this help").build());
    if (name.equals("cc-bridge")) {
      return spec;
    }
    Arrays.stream(Setting.values())
        .forEach(
            setting ->
                spec.addOption(
                    OptionSpec.builder(setting.option())
                        .paramLabel(setting.form())
                        .type(String.class)
                        .description(
                            setting.description()
                                + (setting.defaultValue().isEmpty()
                                    ? ""
                                    : "; default: " + setting.defaultValue()))
                        .build()));
    return spec;
  }
}
