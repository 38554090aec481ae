package dev.ccbridge.stager.recipe;

import dev.ccbridge.cloudcontroller.model.StagingRequestFromCC;
import java.math.BigInteger;

/** The builder's limit of open files. */
final class OpenFiles {
  private static final BigInteger WORD = BigInteger.ONE.shiftLeft(64);

  private OpenFiles() {}

  /** Unsigned on the wire: a negative number wraps round, as in the original. */
  static BigInteger limit(StagingRequestFromCC request) {
    var limit = BigInteger.valueOf(request.fileDescriptors());
    return limit.signum() < 0 ? limit.add(WORD) : limit;
  }
}
