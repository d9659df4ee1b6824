package org.gantry.interop;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.AbstractMap.SimpleEntry;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A line between the runner and a program: form-encoded fields in order; a name may repeat. */
final class Line {
    private final List<Map.Entry<String, String>> fields = new ArrayList<>();

    static Line parse(String text) {
        Line line = new Line();
        for (String field : text.split("&")) {
            int equals = field.indexOf('=');
            line.with(decode(field.substring(0, equals)), decode(field.substring(equals + 1)));
        }
        return line;
    }

    Line with(String name, Object value) {
        fields.add(new SimpleEntry<>(name, String.valueOf(value)));
        return this;
    }

    boolean has(String name) {
        return fields.stream().anyMatch(field -> field.getKey().equals(name));
    }

    String get(String name) {
        return get(name, null);
    }

    String get(String name, String otherwise) {
        for (Map.Entry<String, String> field : fields) {
            if (field.getKey().equals(name)) {
                return field.getValue();
            }
        }
        return otherwise;
    }

    int number(String name, int otherwise) {
        return Integer.parseInt(get(name, Integer.toString(otherwise)));
    }

    long big(String name, long otherwise) {
        return Long.parseLong(get(name, Long.toString(otherwise)));
    }

    boolean flag(String name) {
        return get(name, "0").equals("1");
    }

    List<String> all(String name) {
        List<String> found = new ArrayList<>();
        for (Map.Entry<String, String> field : fields) {
            if (field.getKey().equals(name)) {
                found.add(field.getValue());
            }
        }
        return found;
    }

    /** Of fields named {@code p.NAME}, the values by NAME. */
    Map<String, String> properties() {
        Map<String, String> found = new LinkedHashMap<>();
        for (Map.Entry<String, String> field : fields) {
            if (field.getKey().startsWith("p.")) {
                found.put(field.getKey().substring(2), field.getValue());
            }
        }
        return found;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (Map.Entry<String, String> field : fields) {
            text.append(text.length() == 0 ? "" : "&");
            text.append(encode(field.getKey())).append('=').append(encode(field.getValue()));
        }
        return text.toString();
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static String decode(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }
}
