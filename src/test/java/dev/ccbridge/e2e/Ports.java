package dev.ccbridge.e2e;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;

/** Ports of everything, free a moment ago. */
record Ports(
    int cloudController,
    int stager,
    int nsync,
    int tps,
    int uploader,
    int files,
    int receptor,
    int callbacks) {
  static Ports free() throws IOException {
    var sockets = new ServerSocket[8];
    for (var i = 0; i < sockets.length; i++) {
      sockets[i] = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    }
    var ports =
        new Ports(
            sockets[0].getLocalPort(),
            sockets[1].getLocalPort(),
            sockets[2].getLocalPort(),
            sockets[3].getLocalPort(),
            sockets[4].getLocalPort(),
            sockets[5].getLocalPort(),
            sockets[6].getLocalPort(),
            sockets[7].getLocalPort());
    for (var socket : sockets) {
      socket.close();
    }
    return ports;
  }

  URI url(int port) {
    return URI.create("http://127.0.0.1:" + port);
  }
}
