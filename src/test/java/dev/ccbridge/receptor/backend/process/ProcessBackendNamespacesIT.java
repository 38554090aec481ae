package dev.ccbridge.receptor.backend.process;

class ProcessBackendNamespacesIT extends NamespacesContract {
  @Override
  Isolation isolation() {
    return Isolation.NAMESPACES;
  }
}
