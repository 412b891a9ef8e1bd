//! Each package takes the lints of the workspace: without that line it has none, in silence.

use super::source::{Complaint, Source};

/// What the workspace must insist on, whatever else it does.
const INSISTED: [&str; 2] = ["unsafe_code = \"forbid\"", "missing_docs = \"warn\""];

/// Looks at every `Cargo.toml`.
pub(super) fn shared_lints(source: &Source) -> Vec<Complaint> {
    if source.path == "Cargo.toml" {
        let missing = INSISTED.iter().filter(|line| !source.text.contains(*line));
        return missing.map(|line| Complaint::new(1, format!("`{line}` is gone"))).collect();
    }
    if source.path.ends_with("/Cargo.toml") && !source.text.contains("[lints]\nworkspace = true\n")
    {
        return vec![Complaint::new(1, "the package needs `[lints]` with `workspace = true`")];
    }
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaints(path: &str, text: &str) -> usize {
        shared_lints(&Source::new(path, text)).len()
    }

    #[test]
    fn a_package_without_lints_is_found() {
        assert_eq!(complaints("core/Cargo.toml", "[package]\n\n[lints]\nworkspace = true\n"), 0);
        assert_eq!(complaints("core/Cargo.toml", "[package]\nname = \"a\"\n"), 1);
        assert_eq!(complaints("README.md", ""), 0);
    }

    #[test]
    fn a_workspace_that_grew_lax_is_found() {
        assert_eq!(complaints("Cargo.toml", "missing_docs = \"warn\"\n"), 1);
    }
}
