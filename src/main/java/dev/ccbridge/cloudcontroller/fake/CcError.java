package dev.ccbridge.cloudcontroller.fake;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.ccbridge.CcBridgeException;
import dev.ccbridge.ErrorKind;
import dev.ccbridge.web.Response;
import java.nio.charset.StandardCharsets;

/** A refusal as CC words it. Source: cloud_controller_ng vendor/errors/v2.yml. */
final class CcError extends CcBridgeException {
  private static final long serialVersionUID = 1L;
  private final int status;
  private final int code;
  private final String name;

  private CcError(int status, int code, String name, String description) {
    super(ErrorKind.INVALID_REQUEST, description);
    this.status = status;
    this.code = code;
    this.name = name;
  }

  static CcError notFound() {
    return new CcError(404, 10000, "CF-NotFound", "Unknown request");
  }

  static CcError appNotFound(String guid) {
    return new CcError(404, 100004, "CF-AppNotFound", "The app could not be found: " + guid);
  }

  static CcError notAuthenticated() {
    return new CcError(401, 10002, "CF-NotAuthenticated", "Authentication error");
  }

  static CcError parse(String why) {
    return new CcError(
        400, 1001, "CF-MessageParseError", "Request invalid due to parse error: " + why);
  }

  static CcError invalidRequest(String why) {
    return new CcError(400, 10004, "CF-InvalidRequest", "The request is invalid: " + why);
  }

  static CcError appInvalid(String why) {
    return new CcError(400, 100001, "CF-AppInvalid", "The app is invalid: " + why);
  }

  static CcError packageInvalid(String why) {
    return new CcError(400, 150001, "CF-AppPackageInvalid", "The app package is invalid: " + why);
  }

  static CcError staging(String why) {
    return new CcError(400, 170001, "CF-StagingError", "Staging error: " + why);
  }

  static CcError notStaged() {
    return new CcError(400, 170002, "CF-NotStaged", "App has not finished staging");
  }

  static CcError instances(String why) {
    return new CcError(400, 220001, "CF-InstancesError", "Instances error: " + why);
  }

  /** A part of the bridge refused, or is not there. */
  static CcError bridge(String part, String why) {
    return new CcError(503, 10001, "CF-ServerError", part + ": " + why);
  }

  Response response() {
    var body =
        JsonNodeFactory.instance
            .objectNode()
            .put("code", code)
            .put("description", message())
            .put("error_code", name);
    var response = Response.json(status, body.toString().getBytes(StandardCharsets.UTF_8));
    return status == 401
        ? response.header("WWW-Authenticate", "Basic realm=\"Restricted Area\"")
        : response;
  }
}
