package dev.ccbridge.receptor.backend.process;

class ProcessBackendPathRewritingIT extends ProcessBackendContract {
  @Override
  Isolation isolation() {
    return Isolation.PATH_REWRITING;
  }
}
