package dev.ccbridge.lifecycle;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import javax.xml.transform.TransformerException;
import javax.xml.transform.TransformerFactory;
import javax.xml.transform.dom.DOMSource;
import javax.xml.transform.stream.StreamResult;
import org.jspecify.annotations.Nullable;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.xml.sax.SAXException;

/**
 * Database connections of user-provided services, written into a Web.config. One of the same name
 * is replaced, the others stay.
 *
 * <p>Source: windows_app_lifecycle @099e5e1 Builder/Program.cs.
 */
final class ConnectionStrings {
  private static final String SECTION = "connectionStrings";

  private ConnectionStrings() {}

  /** One connection. Its text may hold a password. */
  record Connection(String name, String connectionString, String providerName) {
    @Override
    public String toString() {
      return "Connection[" + name + ", secret]";
    }
  }

  /**
   * Those in the value of {@code VCAP_SERVICES}: user-provided services whose credentials have a
   * connection string.
   *
   * @throws LifecycleException with exit code 1 if {@code services} is not JSON
   */
  static List<Connection> of(String services) {
    var connections = new ArrayList<Connection>();
    try {
      var all = services.isBlank() ? null : Json.parseObject(services);
      if (all != null && all.get("user-provided") instanceof List<?> entries) {
        entries.forEach(entry -> add(connections, entry));
      }
      return connections;
    } catch (IOException e) {
      throw LifecycleException.because(LifecycleException.FAILED, "VCAP_SERVICES", e);
    }
  }

  private static void add(List<Connection> connections, @Nullable Object entry) {
    if (!(entry instanceof Map<?, ?> service)) {
      return;
    }
    var values = service.get("credentials") instanceof Map<?, ?> map ? map : service;
    var text = text(values, "connectionString");
    var name = text(values, "name").isEmpty() ? text(service, "name") : text(values, "name");
    if (!text.isEmpty() && !name.isEmpty()) {
      connections.add(new Connection(name, text, text(values, "providerName")));
    }
  }

  private static String text(Map<?, ?> values, String key) {
    return values.get(key) instanceof String text ? text : "";
  }

  /**
   * Changes the file unless there is nothing to change.
   *
   * @throws LifecycleException with exit code 1 if it is no XML
   */
  static void write(Path webConfig, List<Connection> connections) throws IOException {
    if (connections.isEmpty()) {
      return;
    }
    try {
      var document = read(webConfig);
      var section = section(document);
      for (var connection : connections) {
        set(document, section, connection);
      }
      var transformers = TransformerFactory.newInstance();
      transformers.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
      try (var out = Files.newOutputStream(webConfig)) {
        transformers.newTransformer().transform(new DOMSource(document), new StreamResult(out));
      }
    } catch (SAXException | ParserConfigurationException | TransformerException e) {
      throw LifecycleException.because(
          LifecycleException.FAILED, webConfig.getFileName() + ": want XML", e);
    }
  }

  /** Without a document type, so that a file of the app cannot make us read others. */
  private static Document read(Path webConfig)
      throws IOException, SAXException, ParserConfigurationException {
    var documents = DocumentBuilderFactory.newInstance();
    documents.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
    var builder = documents.newDocumentBuilder();
    builder.setErrorHandler(null);
    try (InputStream in = Files.newInputStream(webConfig)) {
      return builder.parse(in);
    }
  }

  private static Element section(Document document) {
    var root = document.getDocumentElement();
    if (root.getElementsByTagName(SECTION).item(0) instanceof Element known) {
      return known;
    }
    var section = document.createElement(SECTION);
    root.appendChild(section);
    return section;
  }

  private static void set(Document document, Element section, Connection connection) {
    var entries = section.getElementsByTagName("add");
    Element entry = null;
    for (int i = 0; i < entries.getLength(); i++) {
      if (entries.item(i) instanceof Element known
          && known.getAttribute("name").equals(connection.name())) {
        entry = known;
      }
    }
    if (entry == null) {
      entry = document.createElement("add");
      entry.setAttribute("name", connection.name());
      section.appendChild(entry);
    }
    entry.setAttribute("connectionString", connection.connectionString());
    if (!connection.providerName().isEmpty()) {
      entry.setAttribute("providerName", connection.providerName());
    }
  }
}
