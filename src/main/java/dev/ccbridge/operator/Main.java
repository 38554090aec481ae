package dev.ccbridge.operator;

import dev.ccbridge.CcBridgeException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** The command line. */
public final class Main {
  /** What log lines are of when one process does everything. */
  static final String COMPONENT = "cc-bridge";

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
    var role = arguments.length == 0 ? Optional.<Role>empty() : Role.ofCommand(arguments[0]);
    if (role.isPresent()) {
      // By Go's rules, which picocli cannot read.
      var words = Arrays.asList(arguments).subList(1, arguments.length);
      return guarded(() -> new RoleCommand(role.get(), System.getenv(), home()).run(words));
    }
    var commands = new CommandLine(root());
    commands.addSubcommand(new CommandLine(quickstart()));
    commands.addSubcommand(new CommandLine(operator()));
    commands.setExecutionStrategy(Main::execute);
    return commands.execute(arguments);
  }

  private static int execute(ParseResult parsed) {
    return guarded(() -> runCommand(parsed));
  }

  private static int guarded(Callable<Integer> command) {
    try {
      return command.call();
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
    var home = home();
    var settings = Settings.read(System.getenv(), options(command), Map.of());
    var config = OperatorConfig.from(settings, System.getenv(), home);
    Contradictions.refuse(settings, config);
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
      case "operator" -> OperatorCommand.run(config, settings.describe());
      default ->
          throw new IllegalStateException("no such command: " + command.commandSpec().name());
    };
  }

  private static Path home() {
    return Path.of(System.getProperty("ccbridge.home", "."));
  }

  private static Map<SettingName, Said> options(ParseResult command) {
    var options = new HashMap<SettingName, Said>();
    for (var name : SettingName.all()) {
      if (command.hasMatchedOption(name.option())) {
        var value = command.<String>matchedOptionValue(name.option(), "");
        options.put(name, new Said(value, name.option()));
      }
    }
    return options;
  }

  private static CommandSpec root() {
    var spec =
        describe(
            "cc-bridge", "Source in, running app out: Diego's cc_bridge as a Kubernetes operator.");
    spec.usageMessage()
        .footer(
            "",
            "Roles, with the flags of Diego's programs (cc-bridge ROLE -h):",
            "  "
                + Arrays.stream(Role.values()).map(Role::command).collect(Collectors.joining(", ")),
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

  static String version() {
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
    SettingName.all().forEach(each -> spec.addOption(option(each)));
    return spec;
  }

  private static OptionSpec option(SettingName name) {
    var defaultValue = name.ofFile() ? "" : name.setting().defaultValue();
    return OptionSpec.builder(name.option())
        .paramLabel(name.label())
        .type(String.class)
        .description(
            name.description() + (defaultValue.isEmpty() ? "" : "; default: " + defaultValue))
        .build();
  }
}
