//! A small file server for the built page, on this machine only.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use anyhow::{Context, Result, anyhow};
use tiny_http::{Header, Method, Request, Response, Server};

use crate::page::POLICY;

/// How many requests are answered at once.
const WORKERS: usize = 4;

/// A server that listens, and does not answer yet.
pub(crate) struct Listener {
    server: Arc<Server>,
    /// Where it listens, for people and browsers: ends in a slash.
    pub(crate) url: String,
}

/// Listens on 127.0.0.1; port 0 takes any free one.
pub(crate) fn bind(port: u16) -> Result<Listener> {
    let server =
        Server::http(("127.0.0.1", port)).map_err(|error| explain(port, error.as_ref()))?;
    let address = server.server_addr().to_ip().context("the server has no address")?;
    Ok(Listener { server: Arc::new(server), url: format!("http://{address}/") })
}

fn explain(port: u16, error: &(dyn std::error::Error + Send + Sync + 'static)) -> anyhow::Error {
    let kind = error.downcast_ref::<io::Error>().map(io::Error::kind);
    match kind {
        Some(io::ErrorKind::AddrInUse) => {
            anyhow!("port {port} is taken by another program; choose one with `--port N`")
        }
        Some(io::ErrorKind::PermissionDenied) => {
            anyhow!("port {port} may not be used by this user; choose another with `--port N`")
        }
        _ => anyhow!("port {port} cannot be listened on: {error}"),
    }
}

/// Serves `folder` until the process is interrupted.
pub(crate) fn forever(listener: Listener, folder: &Path, open: bool) -> Result<()> {
    let url = listener.url.clone();
    let workers = start(listener, folder);
    println!("Shardscope runs at {url} (Ctrl+C stops it).");
    if open && let Err(error) = browse(&url) {
        println!("No browser could be opened ({error}); open the address yourself.");
    }
    for worker in workers {
        worker.join().map_err(|_| anyhow!("a thread of the server has stopped"))?;
    }
    Ok(())
}

/// Serves `folder` in the background, for as long as this process runs.
pub(crate) fn start(listener: Listener, folder: &Path) -> Vec<JoinHandle<()>> {
    let folder: Arc<Path> = folder.into();
    let worker = |_| {
        let (server, folder) = (Arc::clone(&listener.server), Arc::clone(&folder));
        thread::spawn(move || {
            for request in server.incoming_requests() {
                // A browser that hangs up in the middle of an answer is no concern of ours.
                let _ = answer(request, &folder);
            }
        })
    };
    (0..WORKERS).map(worker).collect()
}

fn answer(request: Request, folder: &Path) -> io::Result<()> {
    if !matches!(request.method(), Method::Get | Method::Head) {
        return request.respond(dress(Response::from_string("Only GET and HEAD.\n"), TEXT, 405));
    }
    match relative(request.url()).and_then(|path| open(&folder.join(path))) {
        Some((file, mime)) => request.respond(dress(Response::from_file(file), mime, 200)),
        None => request.respond(dress(Response::from_string("No such file.\n"), TEXT, 404)),
    }
}

/// Opens a file, or the `index.html` of a folder.
fn open(path: &Path) -> Option<(File, &'static str)> {
    let path = if path.is_dir() { path.join("index.html") } else { path.to_owned() };
    let is_file = fs::metadata(&path).ok()?.is_file();
    is_file.then(|| File::open(&path).ok())?.map(|file| (file, mime(&path)))
}

/// The path inside the served folder that a request names; nothing that leads out of it.
fn relative(url: &str) -> Option<PathBuf> {
    let path = url.split(['?', '#']).next()?;
    let mut found = PathBuf::new();
    for part in unescape(path)?.split('/').filter(|part| !part.is_empty() && *part != ".") {
        if part == ".." || part.contains(['\\', ':', '\0']) {
            return None;
        }
        found.push(part);
    }
    Some(found)
}

/// Undoes `%20` and the like.
fn unescape(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let hex = |digit: u8| char::from(digit).to_digit(16);
        bytes.push(match byte {
            b'%' => u8::try_from(hex(rest.next()?)? * 16 + hex(rest.next()?)?).ok()?,
            plain => plain,
        });
    }
    String::from_utf8(bytes).ok()
}

const TEXT: &str = "text/plain; charset=utf-8";

fn mime(path: &Path) -> &'static str {
    match path.extension().and_then(|extension| extension.to_str()).unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "wasm" => "application/wasm",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" | "md" => TEXT,
        _ => "application/octet-stream",
    }
}

/// Gives an answer its status and headers. Nothing is ever cached: the page that is looked at is
/// the one that was built last.
fn dress<R: io::Read>(response: Response<R>, mime: &str, status: u16) -> Response<R> {
    let headers = [
        ("Content-Type", mime),
        ("Cache-Control", "no-store"),
        ("Content-Security-Policy", POLICY),
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "no-referrer"),
    ];
    headers
        .iter()
        .filter_map(|(name, value)| Header::from_bytes(*name, *value).ok())
        .fold(response.with_status_code(status), Response::with_header)
}

/// Opens the system's browser.
fn browse(url: &str) -> io::Result<()> {
    let mut command = if cfg!(target_os = "macos") {
        Command::new("open")
    } else if cfg!(windows) {
        let mut command = Command::new("cmd");
        command.args(["/C", "start", ""]);
        command
    } else {
        Command::new("xdg-open")
    };
    command.arg(url).stdout(Stdio::null()).stderr(Stdio::null()).spawn().map(drop)
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpStream;

    use super::*;

    #[test]
    fn requests_stay_inside_the_folder() {
        assert_eq!(relative("/"), Some(PathBuf::new()));
        assert_eq!(relative("/fonts//a%20b.woff2?x=1"), Some(PathBuf::from("fonts/a b.woff2")));
        for outside in ["/../secret", "/a/%2e%2e/%2E./b", "/..%2fsecret", "/c:/x", "/a\\..\\b"] {
            assert_eq!(relative(outside), None, "{outside}");
        }
        assert_eq!(relative("/%"), None);
        assert_eq!(relative("/%ff"), None);
        assert_eq!(relative("/%g0"), None);
    }

    fn fetch(url: &str, request: &str) -> String {
        let address = url.trim_start_matches("http://").trim_end_matches('/');
        let mut stream = TcpStream::connect(address).unwrap();
        write!(stream, "{request} HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    #[test]
    fn files_are_served_with_their_types_and_headers() {
        let listener = bind(0).unwrap();
        let url = listener.url.clone();
        start(listener, &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
        let found = fetch(&url, "GET /main.rs");
        assert!(found.starts_with("HTTP/1.1 200"), "{found}");
        assert!(found.contains("Cache-Control: no-store") && found.contains(POLICY), "{found}");
        assert!(fetch(&url, "GET /../Cargo.toml").starts_with("HTTP/1.1 404"));
        assert!(fetch(&url, "GET /").starts_with("HTTP/1.1 404"));
        assert!(fetch(&url, "POST /main.rs").starts_with("HTTP/1.1 405"));
    }

    #[test]
    fn a_taken_port_is_explained() {
        let listener = bind(0).unwrap();
        let port = listener.server.server_addr().to_ip().unwrap().port();
        let complaint = bind(port).map(|_| ()).unwrap_err().to_string();
        assert!(complaint.contains("--port"), "{complaint}");
    }

    #[test]
    fn browsers_get_the_types_that_they_insist_on() {
        assert_eq!(mime(Path::new("a/page_bg.wasm")), "application/wasm");
        assert_eq!(mime(Path::new("boot.js")), "text/javascript; charset=utf-8");
        assert_eq!(mime(Path::new("LICENSE")), "application/octet-stream");
    }
}
