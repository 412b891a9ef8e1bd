//! Builds the page into `dist`: compile, bind, copy.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};
use wasm_bindgen_cli_support::{Bindgen, Output};

use crate::args::Profile;
use crate::index::{self, Asset};
use crate::lean;
use crate::target;
use crate::weight::Weight;
use crate::workspace::Workspace;

/// What the page may do: run its own code, and fetch from where it came. Nothing inline, nothing
/// from elsewhere. The server sends it as a header, and the page carries it for other servers.
pub(crate) const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; \
     worker-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; \
     connect-src 'self'; base-uri 'none'; form-action 'none'";

/// A page that was built.
#[derive(Clone, Debug)]
pub(crate) struct Built {
    /// The folder with everything that a web server has to serve.
    pub(crate) dist: PathBuf,
    /// What its files weigh.
    pub(crate) weight: Weight,
    took: Duration,
}

impl fmt::Display for Built {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\nBuilt dist/ in {:.1} s.", self.weight, self.took.as_secs_f32())
    }
}

/// Builds the page from the root `index.html`.
///
/// `dist` is emptied only once the code is compiled and bound, so a mistake in it leaves the last
/// good page in place.
pub(crate) fn build(workspace: &Workspace, profile: Profile) -> Result<Built> {
    let start = Instant::now();
    target::ensure()?;
    let source = fs::read_to_string(workspace.path("index.html"))
        .context("index.html at the root of the repository could not be read")?;
    let index = index::translate(&source, POLICY)?;
    let mut programs = Vec::new();
    for asset in &index.assets {
        if let Asset::Rust { manifest, bin, worker } = asset {
            let wasm = compile(workspace, manifest, bin, profile)?;
            programs.push((bin, *worker, bind(&wasm, profile)?));
        }
    }
    let dist = workspace.path("dist");
    empty(&dist)?;
    for (bin, worker, mut program) in programs {
        program.emit(&dist)?;
        if profile == Profile::Release {
            lighten(&dist, bin)?;
        }
        fs::write(dist.join(index::boot_name(bin, worker)), boot(bin))?;
    }
    for asset in &index.assets {
        copy(workspace, asset, &dist)?;
        if let (Asset::File { to, .. }, Profile::Release) = (asset, profile)
            && to.ends_with(".css")
        {
            let file = dist.join(to);
            fs::write(&file, squeeze(&fs::read_to_string(&file)?)?)?;
        }
    }
    fs::write(dist.join("index.html"), index.html)?;
    let weight = Weight::of(&dist)?;
    Ok(Built { dist, weight, took: start.elapsed() })
}

fn compile(workspace: &Workspace, manifest: &str, bin: &str, profile: Profile) -> Result<PathBuf> {
    let release = (profile == Profile::Release).then_some("--profile=page");
    workspace.build_wasm(bin, ["--manifest-path", manifest].into_iter().chain(release))
}

/// Makes the JavaScript that connects compiled code with the browser, and the code for it.
pub(crate) fn bind(wasm: &Path, profile: Profile) -> Result<Output> {
    let debug = profile == Profile::Dev;
    let mut bindgen = Bindgen::new();
    bindgen.input_path(wasm).web(true)?;
    bindgen.typescript(false).debug(debug).keep_debug(debug).remove_name_section(!debug);
    // The library leaves this path out by default, and the module then does not find its code.
    bindgen.omit_default_module_path(false).remove_producers_section(true);
    bindgen.generate_output().with_context(|| format!("{} could not be bound", wasm.display()))
}

fn lighten(dist: &Path, bin: &str) -> Result<()> {
    let (code, glue) = (dist.join(format!("{bin}_bg.wasm")), dist.join(format!("{bin}.js")));
    let (wasm, js) = lean::lighten(&fs::read(&code)?, &fs::read_to_string(&glue)?)?;
    fs::write(code, wasm)?;
    fs::write(glue, js)?;
    Ok(())
}

/// A style sheet without what only people read.
fn squeeze(css: &str) -> Result<String> {
    let small = minifier::css::minify(css).map_err(|error| anyhow!("a style sheet: {error}"))?;
    Ok(small.to_string())
}

/// What starts the program: a file of its own, because the policy allows no inline script. Awaited,
/// so that the page hears of it if a worker's code cannot be had.
fn boot(bin: &str) -> String {
    format!("import start from \"./{bin}.js\";\n\nawait start();\n")
}

fn copy(workspace: &Workspace, asset: &Asset, dist: &Path) -> Result<()> {
    match asset {
        Asset::Rust { .. } => Ok(()),
        Asset::File { from, to } => copy_file(&workspace.path(from), &dist.join(to))
            .with_context(|| format!("index.html names {from}, which could not be copied")),
        Asset::Folder { from, to } => copy_folder(&workspace.path(from), &dist.join(to))
            .with_context(|| format!("index.html names {from}/, which could not be copied")),
    }
}

fn copy_file(from: &Path, to: &Path) -> Result<()> {
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::copy(from, to)?;
    Ok(())
}

/// Beside the stories are their golden traces and pages about them, which no browser asks for.
const STAYS: [&str; 2] = ["trace", "md"];

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        if entry.path().extension().is_some_and(|end| STAYS.iter().any(|stays| end == *stays)) {
            continue;
        }
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if entry.file_type()?.is_dir() { copy_folder(&from, &to)? } else { copy_file(&from, &to)? }
    }
    Ok(())
}

/// Leaves `folder` there and empty.
pub(crate) fn empty(folder: &Path) -> Result<()> {
    let name = folder.display();
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("{name} could not be emptied"))?;
    }
    fs::create_dir_all(folder).with_context(|| format!("{name} could not be made"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stories_come_without_their_traces_and_are_not_weighed() {
        let folder = std::env::temp_dir().join(format!("shardscope-page-{}", std::process::id()));
        let (from, dist) = (folder.join("from"), folder.join("dist"));
        fs::create_dir_all(from.join("mutants")).unwrap();
        for file in ["a.script", "a.trace", "README.md", "mutants/b.script", "index.txt"] {
            fs::write(from.join(file), file).unwrap();
        }
        copy_folder(&from, &dist.join("stories")).unwrap();
        let there = |file: &str| dist.join("stories").join(file).exists();
        assert!(there("a.script") && there("mutants/b.script") && there("index.txt"));
        assert!(!there("a.trace") && !there("README.md"));
        fs::write(dist.join("page.css"), "").unwrap();
        let weighed = Weight::of(&dist).unwrap().to_string();
        assert!(weighed.contains("page.css") && !weighed.contains("stories"), "{weighed}");
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn style_sheets_keep_their_meaning() {
        let css = "/* why */\n@layer a {\n  .x > p { width: calc(48px + 2 * (1px - 3px)); }\n}\n";
        let small = squeeze(css).unwrap();
        assert!(small.contains(".x > p{") || small.contains(".x>p{"), "{small}");
        assert!(small.contains("calc(48px + 2 * (1px - 3px))"), "{small}");
        assert!(!small.contains("why"), "{small}");
    }
}
