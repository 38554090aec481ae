package dev.ccbridge.fileserver;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * What the sender of a blob says of its content; a blob that is different is not stored.
 *
 * @param md5 32 hex digits in lower case
 */
record Expected(OptionalLong size, Optional<String> md5) {
  static final Expected ANYTHING = new Expected(OptionalLong.empty(), Optional.empty());
}
