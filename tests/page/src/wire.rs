//! The little HTTP that WebDriver needs: one JSON request and one JSON answer per connection.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// Longer than any page may need, so that a browser that hangs fails a test instead of stopping it.
const PATIENCE: Duration = Duration::from_secs(60);

/// An answer is a screenshot at most.
const LARGEST: usize = 256 << 20;

/// Sends one WebDriver command to `host` and returns the `value` of its answer.
pub(crate) fn call(host: &str, method: &str, path: &str, body: &Value) -> Result<Value> {
    let answer = exchange(host, method, path, body).with_context(|| {
        format!("the WebDriver server at {host} did not answer {method} {path}")
    })?;
    let mut answer: Value = serde_json::from_slice(&answer)
        .with_context(|| format!("{method} {path}: the answer is not JSON"))?;
    let value = answer["value"].take();
    if let Some(error) = value["error"].as_str() {
        let message = value["message"].as_str().unwrap_or_default();
        bail!("{method} {path}: {error}: {}", message.lines().next().unwrap_or_default());
    }
    Ok(value)
}

fn exchange(host: &str, method: &str, path: &str, body: &Value) -> Result<Vec<u8>> {
    let mut stream = TcpStream::connect(host)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let body = if method == "POST" { body.to_string() } else { String::new() };
    let length = body.len();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    )?;
    read_answer(BufReader::new(stream))
}

/// Reads headers and as many bytes as they announce. The status is left aside: what went wrong
/// stands in the answer itself.
fn read_answer(mut stream: impl BufRead) -> Result<Vec<u8>> {
    let mut length = None;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line)? == 0 {
            bail!("the connection ended inside the headers");
        }
        if line.trim_end().is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = Some(value.trim().parse::<usize>()?);
        }
    }
    let length = length.context("the answer does not say how long it is")?;
    if length > LARGEST {
        bail!("the answer is too long: {length} bytes");
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body)?;
    Ok(body)
}
