package dev.ccbridge.receptor.server;

import dev.ccbridge.receptor.Receptor;
import dev.ccbridge.receptor.ReceptorContract;
import dev.ccbridge.receptor.client.ReceptorClient;
import dev.ccbridge.receptor.client.ReceptorClientConfig;
import dev.ccbridge.receptor.store.ReceptorStore;
import dev.ccbridge.web.HttpService;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import org.junit.jupiter.api.AfterEach;

/** The contract, through server and client. */
class ReceptorOverHttpTest extends ReceptorContract {
  private HttpService service;

  @Override
  protected Receptor open(ReceptorStore store) {
    var config = ReceptorServerConfig.defaults().withCredentials("us er", "p:w");
    service =
        HttpService.start(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            new ReceptorServer(config, store));
    return new ReceptorClient(
        ReceptorClientConfig.of(
            URI.create(service.uri().toString().replace("http://", "http://us%20er:p%3Aw@"))));
  }

  @AfterEach
  void stop() {
    service.close();
  }
}
