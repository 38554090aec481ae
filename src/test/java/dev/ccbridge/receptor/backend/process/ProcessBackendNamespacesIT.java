package dev.ccbridge.receptor.backend.process;

class ProcessBackendNamespacesIT extends ProcessBackendContract {
  @Override
  Isolation isolation() {
    return Isolation.NAMESPACES;
  }
}
