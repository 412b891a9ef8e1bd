# Reads a tracefile of `cargo llvm-cov report --lcov` and prints, for each module of the core, how
# many of its lines the tests reach. Tests themselves are no lines of the core: neither their files,
# nor what follows the `#[cfg(test)]` of a file's own.
function module(path) {
    sub(/.*core\/src\//, "", path)
    sub(/\.rs$/, "", path)
    if (path ~ /^sim\/[^\/]+/) {
        split(path, parts, "/")
        return "sim/" parts[2]
    }
    sub(/\/.*/, "", path)
    return path
}

function first_test(path,    line, number, found) {
    found = 1e9
    while ((getline line < path) > 0) {
        number++
        if (line ~ /^#\[cfg\(test\)\]/) {
            found = number
            break
        }
    }
    close(path)
    return found
}

/^SF:/ {
    path = substr($0, 4)
    counted = path ~ /core\/src\// && path !~ /\/tests\// && path !~ /\/tests\.rs$/
    name = module(path)
    limit = counted ? first_test(path) : 0
}

/^DA:/ && counted {
    split(substr($0, 4), parts, ",")
    if (parts[1] + 0 < limit) {
        lines[name]++
        all++
        if (parts[2] > 0) {
            reached[name]++
            total++
        } else if (missing) {
            print path ":" parts[1]
        }
    }
}

END {
    for (name in lines) {
        printf "%-20s %6d of %6d lines, %5.1f %%\n", name, reached[name], lines[name],
            100 * reached[name] / lines[name] | "sort"
    }
    close("sort")
    printf "%-20s %6d of %6d lines, %5.1f %%\n", "core", total, all, 100 * total / all
}
