//! Reads the root `index.html`, which is written for trunk, and says what it asks for.
//!
//! The page has one description of its parts: the `<link data-trunk …>` tags. Trunk understands
//! them by itself; here they become plain tags and a list of files to copy.

use anyhow::{Result, bail};

/// Something that a page consists of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Asset {
    /// A program, compiled and bound.
    Rust {
        /// Its package's `Cargo.toml`.
        manifest: String,
        /// The binary's name.
        bin: String,
        /// The page starts it by itself, as a worker, once it needs it.
        worker: bool,
    },
    /// A file copied as it is.
    File {
        /// Where it is in the repository.
        from: String,
        /// Where it goes in `dist`.
        to: String,
    },
    /// A folder copied as it is, with everything in it.
    Folder {
        /// Where it is in the repository.
        from: String,
        /// Where it goes in `dist`.
        to: String,
    },
}

/// A page for `dist`, and what must lie beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Index {
    /// The text of `dist/index.html`.
    pub(crate) html: String,
    /// The parts, in the order of their tags.
    pub(crate) assets: Vec<Asset>,
}

/// The file that starts the program `bin`. That of a worker is called as trunk calls it, for the
/// page names it.
pub(crate) fn boot_name(bin: &str, worker: bool) -> String {
    if worker { format!("{bin}_loader.js") } else { format!("{bin}-boot.js") }
}

/// Turns every `<link data-trunk>` of `source` into plain tags, and puts `policy` into a
/// `Content-Security-Policy` tag at the top of the head, before anything that it governs.
pub(crate) fn translate(source: &str, policy: &str) -> Result<Index> {
    let mut html = String::with_capacity(source.len() + 1024);
    let mut assets = Vec::new();
    let mut rest = source;
    while let Some(start) = rest.find('<') {
        let (before, tag_on) = rest.split_at(start);
        html.push_str(before);
        let tag = first_tag(tag_on);
        match trunk_link(tag) {
            Some(attributes) => {
                let (tags, asset) = plain(&attributes)?;
                if tags.is_empty() {
                    html.truncate(html.trim_end().len());
                }
                html.push_str(&tags);
                assets.push(asset);
            }
            None => html.push_str(tag),
        }
        if tag.eq_ignore_ascii_case("<head>") {
            html.push_str(&format!(
                "\n    <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">"
            ));
        }
        rest = &tag_on[tag.len()..];
    }
    html.push_str(rest);
    if !assets.iter().any(|asset| matches!(asset, Asset::Rust { worker: false, .. })) {
        bail!("index.html has no `<link data-trunk rel=\"rust\" …>`, so there is nothing to run");
    }
    if !html.contains("Content-Security-Policy") {
        bail!("index.html needs a plain `<head>` tag, after which the page's policy is put");
    }
    Ok(Index { html, assets })
}

/// The tag or comment with which `text` begins, up to and with its end.
fn first_tag(text: &str) -> &str {
    let end = if text.starts_with("<!--") { "-->" } else { ">" };
    text.find(end).map_or(text, |at| &text[..at + end.len()])
}

/// An attribute and its value, which is empty where none is written.
type Attribute<'a> = (&'a str, &'a str);

/// The attributes of a `<link data-trunk>`, or nothing if `tag` is not one.
fn trunk_link(tag: &str) -> Option<Vec<Attribute<'_>>> {
    let inside = tag.strip_prefix("<link")?.strip_suffix('>')?;
    let attributes = attributes(inside.strip_suffix('/').unwrap_or(inside));
    attributes.iter().any(|(name, _)| *name == "data-trunk").then_some(attributes)
}

/// Splits `name="value" name='value' name=value name` into pairs.
fn attributes(text: &str) -> Vec<Attribute<'_>> {
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let end = rest.find(|c: char| c == '=' || c.is_whitespace()).unwrap_or(rest.len());
        let (name, after) = rest.split_at(end.max(1));
        let (value, after) = match after.trim_start().strip_prefix('=') {
            Some(value) => split_value(value.trim_start()),
            None => ("", after),
        };
        found.push((name, value));
        rest = after.trim_start();
    }
    found
}

/// The value with which `text` begins, quoted or bare, and what follows it.
fn split_value(text: &str) -> (&str, &str) {
    for quote in ['"', '\''] {
        if let Some(inside) = text.strip_prefix(quote) {
            return inside.split_once(quote).unwrap_or((inside, ""));
        }
    }
    text.split_at(text.find(char::is_whitespace).unwrap_or(text.len()))
}

/// The plain tags for one trunk link, and the part that they refer to.
fn plain(attributes: &[Attribute<'_>]) -> Result<(String, Asset)> {
    let value = |wanted: &str| attributes.iter().find(|(name, _)| *name == wanted).map(|a| a.1);
    let (Some(rel), Some(from)) = (value("rel"), value("href")) else {
        bail!("index.html: a `<link data-trunk>` needs both `rel` and `href`");
    };
    let from = from.to_owned();
    let folder = value("data-target-path").map(|path| path.trim_matches('/'));
    let name = from.trim_end_matches('/').rsplit('/').next().unwrap_or(&from).to_owned();
    let file = folder.map_or_else(|| name.clone(), |folder| format!("{folder}/{name}"));
    Ok(match rel {
        "rust" => {
            let Some(bin) = value("data-bin").map(str::to_owned) else {
                bail!("index.html: the rust link must name its binary in `data-bin`");
            };
            let worker = value("data-type") == Some("worker");
            let is_module = value("data-bindgen-target") == Some("web");
            if worker && !(is_module && value("data-loader-shim").is_some()) {
                bail!(
                    "index.html: a worker needs `data-loader-shim` and \
                     `data-bindgen-target=\"web\"`, or trunk builds something else"
                );
            }
            let tags = if worker { String::new() } else { program_tags(&bin) };
            (tags, Asset::Rust { manifest: from, bin, worker })
        }
        "css" => {
            let tag = format!("<link rel=\"stylesheet\" href=\"{file}\">");
            (tag, Asset::File { from, to: file })
        }
        "icon" => (kept_link(attributes, &file), Asset::File { from, to: file }),
        "copy-file" => (String::new(), Asset::File { from, to: file }),
        "copy-dir" => {
            let to = folder.map_or(name, str::to_owned);
            (String::new(), Asset::Folder { from, to })
        }
        other => bail!(
            "index.html: xtask does not know `<link data-trunk rel=\"{other}\">`; \
             it knows rust, css, icon, copy-file and copy-dir"
        ),
    })
}

/// Loads a program: its code is fetched while the module is still being read.
fn program_tags(bin: &str) -> String {
    let boot = boot_name(bin, false);
    format!(
        "<link rel=\"modulepreload\" href=\"{bin}.js\">\n    \
         <link rel=\"preload\" href=\"{bin}_bg.wasm\" as=\"fetch\" type=\"application/wasm\" \
         crossorigin=\"anonymous\">\n    \
         <script type=\"module\" src=\"{boot}\"></script>"
    )
}

/// The same link with a new place and without what is trunk's.
fn kept_link(attributes: &[Attribute<'_>], href: &str) -> String {
    let mut tag = String::from("<link");
    for (name, value) in attributes.iter().filter(|(name, _)| !name.starts_with("data-")) {
        let value = if *name == "href" { href } else { value };
        tag.push_str(&format!(" {name}=\"{value}\""));
    }
    tag + ">"
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = r#"<!doctype html>
<html lang="en"><head>
<meta charset="utf-8"><!-- <link data-trunk rel="css" href="old.css"> -->
<link rel="canonical" href="https://example.org/">
<link data-trunk rel="css" href="assets/style.css">
<link data-trunk rel="icon" type="image/svg+xml" href="assets/icon.svg" />
<link data-trunk rel='copy-dir' href=assets/fonts>
<link data-trunk rel="copy-file" href="assets/a.json" data-target-path="data">
<link data-trunk rel="rust" href="web/Cargo.toml" data-bin="app" data-wasm-opt="0">
<link data-trunk rel="rust" href="clerk/Cargo.toml" data-bin="clerk" data-type="worker"
  data-bindgen-target="web" data-loader-shim>
</head><body>1 < 2</body></html>
"#;

    fn html() -> String {
        translate(PAGE, "default-src 'none'").unwrap().html
    }

    #[test]
    fn every_part_is_listed() {
        let file = |from: &str, to: &str| Asset::File { from: from.into(), to: to.into() };
        let program = |manifest: &str, bin: &str, worker| Asset::Rust {
            manifest: manifest.into(),
            bin: bin.into(),
            worker,
        };
        let expected = [
            file("assets/style.css", "style.css"),
            file("assets/icon.svg", "icon.svg"),
            Asset::Folder { from: "assets/fonts".into(), to: "fonts".into() },
            file("assets/a.json", "data/a.json"),
            program("web/Cargo.toml", "app", false),
            program("clerk/Cargo.toml", "clerk", true),
        ];
        assert_eq!(translate(PAGE, "").unwrap().assets, expected);
    }

    #[test]
    fn links_become_plain_tags() {
        let html = html();
        assert!(html.contains("<link rel=\"stylesheet\" href=\"style.css\">"));
        assert!(html.contains("<link rel=\"icon\" type=\"image/svg+xml\" href=\"icon.svg\">"));
        assert!(html.contains("<script type=\"module\" src=\"app-boot.js\"></script>"));
        assert_eq!(html.matches("data-trunk").count(), 1, "only the comment is left:\n{html}");
        assert!(!html.contains("clerk"), "a worker is not part of the first load");
    }

    #[test]
    fn the_rest_stays_as_it_is() {
        let html = html();
        assert!(html.contains("<!-- <link data-trunk rel=\"css\" href=\"old.css\"> -->"));
        assert!(html.contains("<link rel=\"canonical\" href=\"https://example.org/\">"));
        assert!(html.ends_with("</head><body>1 < 2</body></html>\n"));
    }

    #[test]
    fn the_policy_comes_before_what_it_governs() {
        let html = html();
        let policy = html.find("content=\"default-src 'none'\"").unwrap();
        assert!(policy < html.find("stylesheet").unwrap());
    }

    #[test]
    fn mistakes_are_named() {
        let complaint = |page: &str| translate(page, "").unwrap_err().to_string();
        assert!(complaint("<head></head>").contains("nothing to run"));
        assert!(complaint("<link data-trunk rel=\"sass\" href=\"a\">").contains("sass"));
        assert!(complaint("<link data-trunk rel=\"css\">").contains("href"));
        assert!(complaint("<link data-trunk rel=\"rust\" href=\"a\">").contains("data-bin"));
        let worker = "<link data-trunk rel=\"rust\" href=\"a\" data-bin=\"b\" data-type=\"worker\"";
        assert!(complaint(&format!("{worker}>")).contains("data-loader-shim"));
        let whole = format!("{worker} data-loader-shim data-bindgen-target=\"web\">");
        assert!(complaint(&whole).contains("nothing to run"), "a worker alone is no page");
        let headless = "<link data-trunk rel=\"rust\" href=\"a\" data-bin=\"b\">";
        assert!(complaint(headless).contains("<head>"));
    }
}
