package dev.ccbridge.operator;

import org.jspecify.annotations.Nullable;
import org.slf4j.ILoggerFactory;
import org.slf4j.IMarkerFactory;
import org.slf4j.helpers.BasicMarkerFactory;
import org.slf4j.spi.MDCAdapter;
import org.slf4j.spi.SLF4JServiceProvider;

/**
 * Gives log lines a level that can be changed while the program runs, and lager's form, which
 * slf4j-simple has not. Taken when {@code slf4j.provider} names it ({@link Logging}); tests log as
 * they are.
 */
public final class LogProvider implements SLF4JServiceProvider {
  private final IMarkerFactory markers = new BasicMarkerFactory();

  @Override
  public ILoggerFactory getLoggerFactory() {
    return LogLines.INSTANCE;
  }

  @Override
  public @Nullable IMarkerFactory getMarkerFactory() {
    return markers;
  }

  @Override
  public @Nullable MDCAdapter getMDCAdapter() {
    return LogLines.INSTANCE.context();
  }

  @Override
  public String getRequestedApiVersion() {
    return "2.0.99";
  }

  @Override
  public void initialize() {}
}
