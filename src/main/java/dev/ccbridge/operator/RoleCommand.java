package dev.ccbridge.operator;

import dev.ccbridge.operator.RoleFlags.WrongUsageException;
import dev.ccbridge.receptor.model.GoUrl;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.LoggerFactory;

/**
 * {@code cc-bridge stager} and its like: one role in a process of its own, with the command line of
 * the original, until a signal ends it with code 0.
 */
final class RoleCommand {
  private static final int OK = 0;
  private static final int FAILED = 1;
  private static final int WRONG_USAGE = 2;

  private final Role role;
  private final Map<String, String> environment;
  private final Path home;

  /**
   * @param home where this program is installed
   */
  RoleCommand(Role role, Map<String, String> environment, Path home) {
    this.role = role;
    this.environment = environment;
    this.home = home;
  }

  int run(List<String> arguments) throws Exception {
    var flags = new RoleFlags(role);
    RoleFlags.Parsed parsed;
    Settings settings;
    OperatorConfig config;
    try {
      parsed = flags.parse(arguments);
      if (parsed.asksForHelp()) {
        System.out.print(role.description() + "\n" + flags.usage());
        return OK;
      }
      settings = Settings.read(environment, parsed.settings(), RoleFlags.defaults(role));
      refuseConsulUrl(settings);
      config = OperatorConfig.from(settings, environment, home);
    } catch (WrongUsageException wrong) {
      System.err.print(wrong.getMessage() + "\n" + flags.usage());
      return WRONG_USAGE;
    }
    Logging.toStandardOutput(config, role.command());
    if (role == Role.RECEPTOR && !canRegister(config.receptor().registration())) {
      return FAILED;
    }
    try {
      refuseAtStart(settings, config);
    } catch (WrongUsageException | ConfigException wrong) {
      LoggerFactory.getLogger(RoleCommand.class).error("{}.{}", role.command(), wrong.getMessage());
      return WRONG_USAGE;
    }
    return serve(settings, config, parsed.withoutEffect());
  }

  private int serve(Settings settings, OperatorConfig config, Set<String> withoutEffect)
      throws Exception {
    var log = LoggerFactory.getLogger(RoleCommand.class);
    log.info("{}.starting settings={}", role.command(), settings.describe());
    if (!withoutEffect.isEmpty()) {
      log.info("{}.flags-without-effect flags={}", role.command(), withoutEffect);
    }
    var process = new RoleProcess(role, config, environment, home);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  if (process.end()) {
                    log.info("{}.exited", role.command());
                    Runtime.getRuntime().halt(OK);
                  }
                }));
    process.start();
    throw process.failure().get();
  }

  /** What the originals found wrong only after reading their flags, in their order and words. */
  private void refuseAtStart(Settings settings, OperatorConfig config) throws WrongUsageException {
    switch (role) {
      case STAGER -> refuseStager(settings, config);
      case NSYNC_LISTENER -> {
        if (config.running().address().isEmpty()) {
          throw new ConfigException("Invalid nsync URL: missing port in address ");
        }
      }
      case FILE_SERVER -> {
        if (settings.text(Setting.STATIC).isEmpty()) {
          throw new ConfigException("staticDirectory-missing: -staticDirectory must be given");
        }
      }
      case RECEPTOR -> {
        Contradictions.refusePasswordAlone(settings, config);
        Contradictions.refusePodsWithoutImages(settings, config);
        return;
      }
      case NSYNC_BULKER, TPS_WATCHER -> require(settings, Setting.CC_BASE_URL, "-ccBaseURL");
      case TPS_LISTENER -> {}
      case CC_UPLOADER, FAKE_CC -> {
        return;
      }
    }
    if (role != Role.FILE_SERVER) {
      require(settings, Setting.RECEPTOR_URL, "-diegoAPIURL");
    }
  }

  /** The original's words, and its exit code, which is not that of other wrong flags. */
  private static boolean canRegister(OperatorConfig.Registration registration) {
    var log = LoggerFactory.getLogger(RoleCommand.class);
    if (registration.wanted() && registration.names().isEmpty()) {
      log.error("receptor.failed-to-validate: -registerWithRouter needs -domainNames as well");
      return false;
    }
    if (registration.wanted() && registration.nats().isEmpty()) {
      log.error("receptor.failed-to-validate: -registerWithRouter needs -natsAddresses as well");
      return false;
    }
    return true;
  }

  private static void require(Settings settings, Setting setting, String flag) {
    if (settings.text(setting).isEmpty()) {
      throw new ConfigException(
          "%s (%s) is missing; expected %s: %s"
              .formatted(flag, setting.variable(), setting.form().label(), setting.description()));
    }
  }

  private static void refuseConsulUrl(Settings settings) {
    try {
      settings.url(Setting.CONSUL_URL);
    } catch (ConfigException notAUrl) {
      throw new ConfigException("Error parsing consul agent URL: " + notAUrl.message());
    }
  }

  private static void refuseStager(Settings settings, OperatorConfig config)
      throws WrongUsageException {
    if (config.staging().address().isEmpty()) {
      RoleFlags.port(settings.text(Setting.STAGER_URL).orElse(""), "Invalid stager URL");
    }
    if (settings.text(Setting.DOCKER_STAGING_STACK).isEmpty()) {
      throw new ConfigException("Invalid Docker staging stack: dockerStagingStack cannot be blank");
    }
    // The original parses host:port as a URL, so that little but a missing host is refused.
    var registry = config.staging().dockerRegistryAddress();
    if (registry.startsWith(":") || GoUrl.parse("//" + registry).isEmpty()) {
      throw new ConfigException(
          "Error parsing Docker Registry address: was " + registry + ", wanted host:port");
    }
  }
}
