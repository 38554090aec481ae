/**
 * What a Cloud Controller hears of instances: {@link dev.ccbridge.tps.TpsListener} answers its
 * questions for status and stats, {@link dev.ccbridge.tps.CrashWatcher} tells it of crashes.
 * Answers to tps @b7a6693.
 */
@NullMarked
package dev.ccbridge.tps;

import org.jspecify.annotations.NullMarked;
