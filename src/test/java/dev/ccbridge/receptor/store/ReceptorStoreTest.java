package dev.ccbridge.receptor.store;

import dev.ccbridge.receptor.Receptor;
import dev.ccbridge.receptor.ReceptorContract;

/** The contract, in process. */
class ReceptorStoreTest extends ReceptorContract {
  @Override
  protected Receptor open(ReceptorStore store) {
    return store;
  }
}
