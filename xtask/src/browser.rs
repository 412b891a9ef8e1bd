//! Finds a Chromium and its driver, or gets them, and runs the driver.

use std::env;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// What the browser is called on PATH, by system and packager.
const BROWSERS: [&str; 5] =
    ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];

/// What Debian's browser and its driver are called.
const PACKAGES: [&str; 2] = ["chromium", "chromium-driver"];

/// How long the driver may take to close its windows.
const PATIENCE: Duration = Duration::from_secs(5);

/// The programs that drive the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Programs {
    /// The browser.
    pub(crate) browser: PathBuf,
    /// Its WebDriver server.
    pub(crate) driver: PathBuf,
}

/// Finds the programs; where that fails and this user may install Debian's, installs them.
pub(crate) fn find_or_install() -> Result<Programs> {
    if let Some(programs) = find()? {
        return Ok(programs);
    }
    if !may_install() {
        bail!("{}", advice());
    }
    println!("Installing {} for the page's tests.", PACKAGES.join(" and "));
    // The lists of packages may be fresh; if they are not, refresh them and try again.
    let installed = apt(&install_line()) || (apt(&["update"]) && apt(&install_line()));
    if !installed {
        bail!("apt-get could not install a browser. {}", advice());
    }
    find()?.context("apt-get has installed a browser, yet none is on PATH")
}

fn find() -> Result<Option<Programs>> {
    let browser = match chosen("CHROME")? {
        Some(path) => Some(path),
        None => BROWSERS.iter().find_map(|name| on_path(name)),
    };
    let driver = match chosen("CHROMEDRIVER")? {
        Some(path) => Some(path),
        None => on_path("chromedriver"),
    };
    Ok(browser.zip(driver).map(|(browser, driver)| Programs { browser, driver }))
}

/// The program that an environment variable names: a wrong one is a mistake to be told.
fn chosen(variable: &str) -> Result<Option<PathBuf>> {
    let path = env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from);
    match path {
        Some(path) if !path.is_file() => bail!("${variable} names {}, no file", path.display()),
        other => Ok(other),
    }
}

fn on_path(name: &str) -> Option<PathBuf> {
    let name = format!("{name}{}", env::consts::EXE_SUFFIX);
    env::split_paths(&env::var_os("PATH")?).map(|dir| dir.join(&name)).find(|file| file.is_file())
}

/// Whether this is Debian or a system made from it, and the user is its root.
fn may_install() -> bool {
    let id = Command::new("id").arg("-u").output();
    let root = id.is_ok_and(|output| output.stdout.trim_ascii() == b"0");
    root && Path::new("/etc/debian_version").exists() && on_path("apt-get").is_some()
}

fn install_line() -> Vec<&'static str> {
    let options = ["install", "--yes", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=300"];
    options.into_iter().chain(PACKAGES).collect()
}

fn apt(arguments: &[&str]) -> bool {
    let mut command = Command::new("apt-get");
    command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive").stdout(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// What somebody without a browser should type.
fn advice() -> String {
    let command = if cfg!(target_os = "macos") {
        "brew install --cask chromium chromedriver"
    } else if cfg!(windows) {
        "winget install Google.Chrome Google.ChromeDriver"
    } else if Path::new("/etc/debian_version").exists() {
        "sudo apt-get install --no-install-recommends chromium chromium-driver"
    } else {
        "your system's installer for Chromium and its chromedriver"
    };
    format!(
        "The page's tests need Chromium and chromedriver, and one of them was not found. \
         Get them by `{command}`, or name them in $CHROME and $CHROMEDRIVER, or leave these \
         tests out with `--no-browser`."
    )
}

/// A WebDriver server that runs until this is dropped.
#[derive(Debug)]
pub(crate) struct Driver {
    process: Child,
    host: String,
}

impl Driver {
    /// Starts the server on a free port.
    pub(crate) fn start(program: &Path) -> Result<Self> {
        let mut command = Command::new(program);
        command.arg("--port=0").stdin(Stdio::null()).stderr(Stdio::null());
        let mut process = command
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("{} could not be started", program.display()))?;
        let output = process.stdout.take().context("the driver has no output")?;
        match announced_port(output) {
            Some(port) => Ok(Self { process, host: format!("127.0.0.1:{port}") }),
            None => {
                let _ = process.kill();
                let _ = process.wait();
                bail!("{} did not say on which port it listens", program.display())
            }
        }
    }

    /// Where it listens.
    pub(crate) fn url(&self) -> String {
        format!("http://{}/", self.host)
    }

    /// Asks the server to close its windows and end.
    fn shut_down(&self) -> Option<()> {
        let mut stream = TcpStream::connect(&self.host).ok()?;
        stream.set_read_timeout(Some(PATIENCE)).ok()?;
        write!(stream, "GET /shutdown HTTP/1.1\r\nHost: {}\r\n\r\n", self.host).ok()?;
        stream.read(&mut [0; 256]).ok().map(drop)
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let asked = self.shut_down();
        let deadline = Instant::now() + PATIENCE;
        while asked.is_some() && Instant::now() < deadline {
            if matches!(self.process.try_wait(), Ok(Some(_))) {
                return;
            }
            thread::sleep(Duration::from_millis(20));
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The port in the driver's first lines; what it prints later is read and thrown away, because a
/// full pipe would stop it.
fn announced_port(output: ChildStdout) -> Option<u16> {
    let mut lines = BufReader::new(output).lines().map_while(Result::ok);
    let port = lines.find_map(|line| port_in(&line));
    thread::spawn(move || lines.for_each(drop));
    port
}

fn port_in(line: &str) -> Option<u16> {
    let (_, rest) = line.split_once("started successfully on port ")?;
    rest.trim_end_matches(|c: char| !c.is_ascii_digit()).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_is_read_from_the_announcement() {
        let line = "ChromeDriver was started successfully on port 38211.";
        assert_eq!(port_in(line), Some(38211));
        assert_eq!(port_in("Starting ChromeDriver 156.0.8078.73 on port 0"), None);
    }

    #[test]
    fn advice_names_a_command_and_the_way_out() {
        assert!(advice().contains("chromedriver") && advice().contains("--no-browser"));
    }
}
