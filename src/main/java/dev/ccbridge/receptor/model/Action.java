package dev.ccbridge.receptor.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonSubTypes.Type;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonTypeInfo.As;
import com.fasterxml.jackson.annotation.JsonTypeInfo.Id;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import java.math.BigInteger;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One node of the work that a task or LRP performs. It only describes; each use of it is an
 * interpreter of its own.
 *
 * <p>Wire form: an object with exactly one member, named after the variant ({@code {"run": {…}}}).
 * An object without a known variant decodes to null, which validation refuses where an action is
 * required. Source: receptor doc/actions.md, bbs/models/actions.go.
 */
@JsonTypeInfo(use = Id.NAME, include = As.WRAPPER_OBJECT)
@JsonSubTypes({
  @Type(name = "download", value = Action.Download.class),
  @Type(name = "upload", value = Action.Upload.class),
  @Type(name = "run", value = Action.Run.class),
  @Type(name = "timeout", value = Action.Timeout.class),
  @Type(name = "emit_progress", value = Action.EmitProgress.class),
  @Type(name = "try", value = Action.Try.class),
  @Type(name = "parallel", value = Action.Parallel.class),
  @Type(name = "serial", value = Action.Serial.class),
  @Type(name = "codependent", value = Action.Codependent.class)
})
@JsonDeserialize(using = ActionDeserializer.class)
public sealed interface Action {
  /**
   * How deep actions may be nested, the outermost counted; validation refuses more. Every
   * interpreter of the tree is recursive, so without a bound a request could exhaust its stack.
   */
  int MAX_DEPTH = 100;

  /**
   * Where this action's output lines are said to come from; empty: the source of what surrounds it.
   */
  String logSource();

  /** An action that does something itself, and has none below it. */
  sealed interface Leaf extends Action {}

  /**
   * The actions directly below this one, in their order; null stands for one that is missing. The
   * one place that knows where an action keeps its children.
   */
  default List<@Nullable Action> children() {
    return switch (this) {
      case Leaf leaf -> List.of();
      case Timeout timeout -> Collections.singletonList(timeout.action());
      case EmitProgress progress -> Collections.singletonList(progress.action());
      case Try tolerant -> Collections.singletonList(tolerant.action());
      case Parallel parallel -> parallel.actions();
      case Serial serial -> serial.actions();
      case Codependent codependent -> codependent.actions();
    };
  }

  /** The leaves of a tree, in its order; what is missing is left out. */
  static List<Leaf> leaves(@Nullable Action root) {
    return switch (root) {
      case null -> List.of();
      case Leaf leaf -> List.of(leaf);
      case Action inner -> inner.children().stream().flatMap(c -> leaves(c).stream()).toList();
    };
  }

  /** Starts the program {@code path} as {@code user} and succeeds when it exits with 0. */
  @JsonTypeInfo(use = Id.NONE)
  @JsonDeserialize(using = JsonDeserializer.None.class)
  record Run(
      @JsonProperty("path") String path,
      @JsonProperty("args") @JsonInclude(Include.NON_EMPTY) List<String> args,
      @JsonProperty("dir") @JsonInclude(Include.NON_EMPTY) String dir,
      @JsonProperty("env") @JsonInclude(Include.NON_EMPTY) List<EnvironmentVariable> env,
      @JsonProperty("resource_limits") @JsonInclude(Include.NON_NULL)
          @Nullable ResourceLimits resourceLimits,
      @JsonProperty("user") String user,
      @JsonProperty("log_source") @JsonInclude(Include.NON_EMPTY) String logSource)
      implements Leaf {
    public Run {
      path = Wire.shared(path);
      args = Wire.texts(args);
      dir = Wire.shared(dir);
      env = EnvironmentVariable.list(env);
      user = Wire.shared(user);
      logSource = Wire.shared(logSource);
    }
  }

  /**
   * Limits of one process. {@code nofile}: open files, unsigned 64 bits; null: not limited, 0 is a
   * limit of none.
   */
  record ResourceLimits(
      @JsonProperty("nofile")
          @JsonInclude(Include.NON_NULL)
          @JsonDeserialize(using = Unsigned.Bits64.class)
          @Nullable BigInteger nofile) {}

  /** Fetches an archive by HTTP and unpacks it below the directory {@code to}. */
  @JsonTypeInfo(use = Id.NONE)
  @JsonDeserialize(using = JsonDeserializer.None.class)
  record Download(
      @JsonProperty("artifact") @JsonInclude(Include.NON_EMPTY) String artifact,
      @JsonProperty("from") String from,
      @JsonProperty("to") String to,
      @JsonProperty("cache_key") String cacheKey,
      @JsonProperty("log_source") @JsonInclude(Include.NON_EMPTY) String logSource,
      @JsonProperty("user") String user)
      implements Leaf {
    public Download {
      artifact = Wire.text(artifact);
      from = Wire.text(from);
      to = Wire.text(to);
      cacheKey = Wire.text(cacheKey);
      logSource = Wire.text(logSource);
      user = Wire.text(user);
    }
  }

  /** Sends the single file {@code from} by HTTP POST. */
  @JsonTypeInfo(use = Id.NONE)
  @JsonDeserialize(using = JsonDeserializer.None.class)
  record Upload(
      @JsonProperty("artifact") @JsonInclude(Include.NON_EMPTY) String artifact,
      @JsonProperty("from") String from,
      @JsonProperty("to") String to,
      @JsonProperty("log_source") @JsonInclude(Include.NON_EMPTY) String logSource,
      @JsonProperty("user") String user)
      implements Leaf {
    public Upload {
      artifact = Wire.text(artifact);
      from = Wire.text(from);
      to = Wire.text(to);
      logSource = Wire.text(logSource);
      user = Wire.text(user);
    }
  }

  /**
   * Fails when {@code action} has not ended after {@code timeoutNanos} (&gt; 0, nanoseconds also on
   * the wire).
   */
  @JsonTypeInfo(use = Id.NONE)
  @JsonDeserialize(using = JsonDeserializer.None.class)
  record Timeout(
      @JsonProperty("action") @JsonInclude(Include.NON_NULL) @Nullable Action action,
      @JsonProperty("timeout") long timeoutNanos,
      @JsonProperty("log_source") @JsonInclude(Include.NON_EMPTY) String logSource)
      implements Action {
    public Timeout {
      logSource = Wire.text(logSource);
    }
  }

  /**
   * Says before and after {@code action} how it goes, in the log; an empty message says nothing.
   */
  @JsonTypeInfo(use = Id.NONE)
  @JsonDeserialize(using = JsonDeserializer.None.class)
  record EmitProgress(
      @JsonProperty("action") @JsonInclude(Include.NON_NULL) @Nullable Action action,
      @JsonProperty("start_message") String startMessage,
      @JsonProperty("success_message") String successMessage,
      @JsonProperty("failure_message_prefix") String failureMessagePrefix,
      @JsonProperty("log_source") @JsonInclude(Include.NON_EMPTY) String logSource)
      implements Action {
    public EmitProgress {
      startMessage = Wire.text(startMessage);
      successMessage = Wire.text(successMessage);
      failureMessagePrefix = Wire.text(failureMessagePrefix);
      logSource = Wire.text(logSource);
    }
  }

  /** Succeeds whatever {@code action} does. */
  @JsonTypeInfo(use = Id.NONE)
  @JsonDeserialize(using = JsonDeserializer.None.class)
  record Try(
      @JsonProperty("action") @JsonInclude(Include.NON_NULL) @Nullable Action action,
      @JsonProperty("log_source") @JsonInclude(Include.NON_EMPTY) String logSource)
      implements Action {
    public Try {
      logSource = Wire.text(logSource);
    }
  }

  /** All at once; waits for all, fails if any failed. */
  @JsonTypeInfo(use = Id.NONE)
  @JsonDeserialize(using = JsonDeserializer.None.class)
  record Parallel(
      @JsonProperty("actions") @JsonInclude(Include.NON_EMPTY) List<@Nullable Action> actions,
      @JsonProperty("log_source") @JsonInclude(Include.NON_EMPTY) String logSource)
      implements Action {
    public Parallel {
      actions = Wire.list(actions);
      logSource = Wire.text(logSource);
    }
  }

  /** One after the other; stops at the first failure. */
  @JsonTypeInfo(use = Id.NONE)
  @JsonDeserialize(using = JsonDeserializer.None.class)
  record Serial(
      @JsonProperty("actions") @JsonInclude(Include.NON_EMPTY) List<@Nullable Action> actions,
      @JsonProperty("log_source") @JsonInclude(Include.NON_EMPTY) String logSource)
      implements Action {
    public Serial {
      actions = Wire.list(actions);
      logSource = Wire.text(logSource);
    }
  }

  /** All at once; as soon as any of them ends, the others are cancelled, and the whole fails. */
  @JsonTypeInfo(use = Id.NONE)
  @JsonDeserialize(using = JsonDeserializer.None.class)
  record Codependent(
      @JsonProperty("actions") @JsonInclude(Include.NON_EMPTY) List<@Nullable Action> actions,
      @JsonProperty("log_source") @JsonInclude(Include.NON_EMPTY) String logSource)
      implements Action {
    public Codependent {
      actions = Wire.list(actions);
      logSource = Wire.text(logSource);
    }
  }

  /** A program with its arguments and environment; {@code nofile} null: not limited. */
  static Run run(
      String user,
      String path,
      List<String> args,
      List<EnvironmentVariable> env,
      @Nullable BigInteger nofile,
      String logSource) {
    return new Run(
        path, args, "", env, nofile == null ? null : new ResourceLimits(nofile), user, logSource);
  }

  static Download download(String artifact, String from, String to, String cacheKey, String user) {
    return new Download(artifact, from, to, cacheKey, "", user);
  }

  static Upload upload(String artifact, String from, String to, String user) {
    return new Upload(artifact, from, to, "", user);
  }

  static Timeout timeout(long timeoutNanos, Action action) {
    return new Timeout(action, timeoutNanos, "");
  }

  static EmitProgress emitProgress(
      String start, String success, String failurePrefix, Action action) {
    return new EmitProgress(action, start, success, failurePrefix, "");
  }

  /** Named so because {@code try} is a word of the language. */
  static Try tolerate(Action action) {
    return new Try(action, "");
  }

  static Serial serial(List<? extends Action> actions) {
    return new Serial(List.copyOf(actions), "");
  }

  static Parallel parallel(List<? extends Action> actions) {
    return new Parallel(List.copyOf(actions), "");
  }

  static Codependent codependent(List<? extends Action> actions) {
    return new Codependent(List.copyOf(actions), "");
  }
}
