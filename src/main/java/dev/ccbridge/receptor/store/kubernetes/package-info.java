/**
 * The Receptor's records as objects of a cluster, so that another process on another machine can go
 * on with them: {@link dev.ccbridge.receptor.store.kubernetes.KubernetesRecords}.
 *
 * <p>They are in Secrets, since a record holds an environment with credentials: neighbouring
 * instances of an LRP in one, which is their <i>bucket</i>, each other record in one of its own.
 * One owner at a time has them; who that is an <i>epoch</i> says, a number in a Secret of its own
 * that each new owner raises, and that every bucket bears of whoever wrote it last.
 *
 * <pre>
 *   take over   raise the epoch ──▶ list ──▶ claim: write the new epoch into each bucket
 *               ──▶ note in the epoch's Secret that all are claimed
 *   write       all changes of a bucket that wait: create, update or, with its last record,
 *               delete, each by the version that is known
 *               ──▶ read the epoch: done only if it still is ours
 * </pre>
 *
 * <p>An update is the whole bucket, as it was when it was claimed and with all changes since. A
 * patch of what has changed would be shorter, and leave what somebody else has made of the rest.
 *
 * <p>So a former owner that does not know that it is one, since it was stopped or cut off, does no
 * harm. A write that it made before the epoch was raised is in the new owner's list. One that it
 * makes later it tells nobody of, as it reads the new epoch first, and ends. What it changes or
 * deletes later still fails by the bucket's version. What it creates later bears an epoch older
 * than the claim, by which the next owner drops it, and this one writes over it.
 *
 * <p>A write whose answer is lost is found by its epoch as our own. Somebody who edits a bucket by
 * hand is written over: a version that is not ours with our epoch, or an older one, is no owner's.
 */
@NullMarked
package dev.ccbridge.receptor.store.kubernetes;

import org.jspecify.annotations.NullMarked;
