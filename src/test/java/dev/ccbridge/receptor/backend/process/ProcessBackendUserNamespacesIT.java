package dev.ccbridge.receptor.backend.process;

class ProcessBackendUserNamespacesIT extends NamespacesContract {
  @Override
  Isolation isolation() {
    return Isolation.USER_NAMESPACES;
  }
}
