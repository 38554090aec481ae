package dev.ccbridge.devserver.schema;

import com.google.re2j.Pattern;
import dev.cel.common.CelFunctionDecl;
import dev.cel.common.CelOverloadDecl;
import dev.cel.common.types.ListType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.types.TypeParamType;
import dev.cel.runtime.CelFunctionBinding;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The functions that Kubernetes adds to CEL, as far as we offer them: lists, find, isURL. */
final class CelFunctions {
  private static final TypeParamType T = TypeParamType.create("T");
  private static final ListType LIST = ListType.create(T);

  private CelFunctions() {}

  static List<CelFunctionDecl> declarations() {
    return List.of(
        declare(CelOverloadDecl.newMemberOverload("is_sorted", SimpleType.BOOL, LIST), "isSorted"),
        declare(CelOverloadDecl.newMemberOverload("index_of", SimpleType.INT, LIST, T), "indexOf"),
        declare(
            CelOverloadDecl.newMemberOverload("last_index_of", SimpleType.INT, LIST, T),
            "lastIndexOf"),
        declare(
            CelOverloadDecl.newMemberOverload(
                "find", SimpleType.STRING, SimpleType.STRING, SimpleType.STRING),
            "find"),
        declare(
            CelOverloadDecl.newMemberOverload(
                "find_all",
                ListType.create(SimpleType.STRING),
                SimpleType.STRING,
                SimpleType.STRING),
            "findAll"),
        declare(
            CelOverloadDecl.newGlobalOverload("is_url", SimpleType.BOOL, SimpleType.STRING),
            "isURL"));
  }

  private static CelFunctionDecl declare(CelOverloadDecl overload, String name) {
    return CelFunctionDecl.newFunctionDeclaration(name, overload);
  }

  static Set<CelFunctionBinding> bindings() {
    return Set.of(
        CelFunctionBinding.from("is_sorted", List.class, CelFunctions::isSorted),
        CelFunctionBinding.from(
            "index_of", List.class, Object.class, (list, item) -> (long) list.indexOf(item)),
        CelFunctionBinding.from(
            "last_index_of",
            List.class,
            Object.class,
            (list, item) -> (long) list.lastIndexOf(item)),
        CelFunctionBinding.from(
            "find",
            String.class,
            String.class,
            (text, pattern) -> {
              var matcher = Pattern.compile(pattern).matcher(text);
              return matcher.find() ? matcher.group() : "";
            }),
        CelFunctionBinding.from(
            "find_all",
            String.class,
            String.class,
            (text, pattern) -> {
              var matcher = Pattern.compile(pattern).matcher(text);
              var found = new ArrayList<String>();
              while (matcher.find()) {
                found.add(matcher.group());
              }
              return found;
            }),
        CelFunctionBinding.from("is_url", String.class, CelFunctions::isUrl));
  }

  @SuppressWarnings("unchecked")
  private static boolean isSorted(List<?> list) {
    for (var i = 1; i < list.size(); i++) {
      if (((Comparable<Object>) list.get(i - 1)).compareTo(list.get(i)) > 0) {
        return false;
      }
    }
    return true;
  }

  private static boolean isUrl(String text) {
    try {
      return new URI(text).isAbsolute() || text.startsWith("/");
    } catch (URISyntaxException malformed) {
      return false;
    }
  }
}
