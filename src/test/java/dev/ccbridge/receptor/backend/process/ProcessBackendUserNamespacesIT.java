package dev.ccbridge.receptor.backend.process;

class ProcessBackendUserNamespacesIT extends ProcessBackendContract {
  @Override
  Isolation isolation() {
    return Isolation.USER_NAMESPACES;
  }
}
