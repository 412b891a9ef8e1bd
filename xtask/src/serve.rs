//! A small file server for the built page, on this machine only.

use std::io;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::{self, JoinHandle};

use anyhow::{Context, Result, anyhow};
use axum::Router;
use axum::http::header::{self, HeaderName, HeaderValue};
use tower_http::compression::CompressionLayer;
use tower_http::services::ServeDir;
use tower_http::set_header::SetResponseHeaderLayer;

use crate::page::POLICY;

/// What every answer says besides its content. Nothing is ever cached: the page that is looked at
/// is the one that was built last.
const HEADERS: [(HeaderName, &str); 4] = [
    (header::CACHE_CONTROL, "no-store"),
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
];

/// A server that listens, and does not answer yet.
pub(crate) struct Listener {
    socket: TcpListener,
    /// Where it listens, for people and browsers: ends in a slash.
    pub(crate) url: String,
}

/// Listens on 127.0.0.1; port 0 takes any free one.
pub(crate) fn bind(port: u16) -> Result<Listener> {
    let socket = TcpListener::bind(("127.0.0.1", port)).map_err(|error| explain(port, &error))?;
    let address = socket.local_addr().context("the server has no address")?;
    Ok(Listener { socket, url: format!("http://{address}/") })
}

fn explain(port: u16, error: &io::Error) -> anyhow::Error {
    match error.kind() {
        io::ErrorKind::AddrInUse => {
            anyhow!("port {port} is taken by another program; choose one with `--port N`")
        }
        io::ErrorKind::PermissionDenied => {
            anyhow!("port {port} may not be used by this user; choose another with `--port N`")
        }
        _ => anyhow!("port {port} cannot be listened on: {error}"),
    }
}

/// Serves `folder` until the process is interrupted.
pub(crate) fn forever(listener: Listener, folder: &Path, open: bool) -> Result<()> {
    let url = listener.url.clone();
    let server = start(listener, folder);
    println!("Shardscope runs at {url} (Ctrl+C stops it).");
    if open && let Err(error) = browse(&url) {
        println!("No browser could be opened ({error}); open the address yourself.");
    }
    server.join().map_err(|_| anyhow!("the server's thread has stopped"))?.context("serving")
}

/// Serves `folder` in the background, for as long as this process runs.
pub(crate) fn start(listener: Listener, folder: &Path) -> JoinHandle<io::Result<()>> {
    let files = site(folder);
    thread::spawn(move || {
        listener.socket.set_nonblocking(true)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
        runtime.block_on(async {
            let socket = tokio::net::TcpListener::from_std(listener.socket)?;
            axum::serve(socket, files).await
        })
    })
}

/// The files of `folder`, compressed for whoever can read that.
fn site(folder: &Path) -> Router {
    let files = Router::new().fallback_service(ServeDir::new(folder));
    let dressed = HEADERS.into_iter().fold(files, |files, (name, value)| {
        let value = HeaderValue::from_static(value);
        files.layer(SetResponseHeaderLayer::overriding(name, value))
    });
    dressed.layer(CompressionLayer::new())
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
    use std::time::Duration;

    use super::*;

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
        let folder = std::env::temp_dir().join(format!("shardscope-serve-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("fonts")).unwrap();
        for file in ["index.html", "page_bg.wasm", "boot.js", "fonts/a b.woff2"] {
            std::fs::write(folder.join(file), [b'x'; 4_000]).unwrap();
        }
        start(listener, &folder);
        let found = fetch(&url, "GET /");
        assert!(found.starts_with("HTTP/1.1 200"), "{found}");
        assert!(found.contains("content-type: text/html"), "{found}");
        for (name, value) in HEADERS {
            assert!(found.contains(&format!("{name}: {value}\r\n")), "{found}");
        }
        let of = |path: &str| fetch(&url, &format!("GET {path}"));
        assert!(of("/page_bg.wasm").contains("content-type: application/wasm"));
        assert!(of("/boot.js?x=1").contains("content-type: text/javascript"));
        assert!(of("/fonts/a%20b.woff2").contains("content-type: font/woff2"));
        assert!(of("/none.js").starts_with("HTTP/1.1 404"));
        for outside in ["/../Cargo.toml", "/%2e%2e/Cargo.toml", "/..%2fCargo.toml"] {
            assert!(of(outside).starts_with("HTTP/1.1 404"), "{outside}");
        }
        assert!(fetch(&url, "POST /index.html").starts_with("HTTP/1.1 405"));
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn whoever_reads_gzip_gets_fewer_bytes() {
        let listener = bind(0).unwrap();
        let url = listener.url.clone();
        start(listener, &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
        let plain = fetch(&url, "GET /main.rs").len();
        let address = url.trim_start_matches("http://").trim_end_matches('/');
        let mut stream = TcpStream::connect(address).unwrap();
        let request = "GET /main.rs HTTP/1.1\r\nHost: here\r\nAccept-Encoding: gzip\r\n";
        write!(stream, "{request}Connection: close\r\n\r\n").unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        assert!(String::from_utf8_lossy(&answer).contains("content-encoding: gzip"));
        assert!(answer.len() < plain, "{} bytes instead of {plain}", answer.len());
    }

    #[test]
    fn connections_that_stay_open_keep_nobody_waiting() {
        let listener = bind(0).unwrap();
        let address = listener.url.trim_start_matches("http://").trim_end_matches('/').to_owned();
        start(listener, &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
        let mut streams: Vec<_> = (0..40).map(|_| TcpStream::connect(&address).unwrap()).collect();
        for stream in &mut streams {
            stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
            write!(stream, "GET /main.rs HTTP/1.1\r\nHost: here\r\n\r\n").unwrap();
            let mut answer = [0; 12];
            stream.read_exact(&mut answer).expect("every connection is answered");
            assert_eq!(&answer, b"HTTP/1.1 200");
        }
    }

    #[test]
    fn a_taken_port_is_explained() {
        let listener = bind(0).unwrap();
        let port = listener.socket.local_addr().unwrap().port();
        let complaint = bind(port).map(|_| ()).unwrap_err().to_string();
        assert!(complaint.contains("--port"), "{complaint}");
    }
}
