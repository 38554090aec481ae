/**
 * Pure: what CC or a resource asks for becomes a Receptor task, and what became of the task becomes
 * an answer for CC. Answers to stager backend/*.go @1847376.
 */
@NullMarked
package dev.ccbridge.stager.recipe;

import org.jspecify.annotations.NullMarked;
