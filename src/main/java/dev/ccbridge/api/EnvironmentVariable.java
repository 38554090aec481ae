package dev.ccbridge.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/** One environment variable. Neither value nor reference: the empty text. */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(Include.NON_EMPTY)
@ValidationRule(
    value = "!(has(self.value) && has(self.valueFrom))",
    message = "at most one of value and valueFrom can be set")
public record EnvironmentVariable(
    @JsonProperty("name")
        @JsonPropertyDescription("Name of the variable.")
        @JsonInclude(Include.ALWAYS)
        @Required
        @Size(max = 256)
        String name,
    @JsonProperty("value")
        @JsonPropertyDescription("Value in plain text. For anything secret use valueFrom.")
        @Size(max = 131072)
        @Nullable String value,
    @JsonProperty("valueFrom") @JsonPropertyDescription("Where the value comes from instead.")
        @Nullable ValueSource valueFrom) {}
