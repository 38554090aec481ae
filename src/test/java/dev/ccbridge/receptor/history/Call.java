package dev.ccbridge.receptor.history;

/**
 * What one client asked, together with what it was answered.
 *
 * @param invoked before the request was sent; nanoseconds of one clock
 * @param answered by when it has taken effect, if it has
 * @param known whether there was an answer; otherwise the operation may have happened or not, and
 *     is given as if it had
 */
record Call<O>(O operation, long invoked, long answered, boolean known) {}
