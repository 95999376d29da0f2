//! ClamAV, asked over its own protocol (`INSTREAM` of clamd): the content goes over in pieces, each with its length
//! before it, and a line comes back.

use std::time::Duration;

use classify::{Class, Classify};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Bytes of a piece.
const PIECE: usize = 64 << 10;
/// Bytes of an answer that are read.
const ANSWER: u64 = 4 << 10;
const CONNECT: Duration = Duration::from_secs(5);
/// A large document with much inside takes seconds.
const WHOLE: Duration = Duration::from_secs(60);

/// What the scanner found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Clean,
    /// The name of what was found.
    Infected(String),
}

/// The scanner gave no verdict. Every one is worth another try.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ScanError {
    #[error("the scanner at {address} can not be reached")]
    Unreachable { address: String, source: std::io::Error },
    #[error("the scanner at {address} does not answer")]
    Silent { address: String },
    #[error("the scanner did not look through it: {answer}")]
    Refused { answer: String },
}

impl Classify for ScanError {
    fn class(&self) -> Class {
        Class::Transient
    }
}

/// A ClamAV daemon.
#[derive(Clone, Debug)]
pub(crate) struct Scanner {
    address: String,
}

impl Scanner {
    /// `None` where no scanner is configured. `address` is `host:port`.
    pub(crate) fn at(address: &str) -> Option<Self> {
        (!address.is_empty()).then(|| Self { address: address.to_owned() })
    }

    pub(crate) async fn scan(&self, content: &[u8]) -> Result<Verdict, ScanError> {
        let address = || self.address.clone();
        let silent = || ScanError::Silent { address: address() };
        let unreachable = |source| ScanError::Unreachable { address: address(), source };
        let connected = timeout(CONNECT, TcpStream::connect(&self.address)).await.map_err(|_| silent())?;
        let mut stream = connected.map_err(unreachable)?;
        let answer = timeout(WHOLE, ask(&mut stream, content)).await.map_err(|_| silent())?;
        read(&answer.map_err(unreachable)?)
    }
}

async fn ask(stream: &mut TcpStream, content: &[u8]) -> std::io::Result<String> {
    // It may answer and close before it has taken everything (its limit is lower than ours): the answer counts.
    let sent = send(stream, content).await;
    let mut answer = Vec::new();
    let read = stream.take(ANSWER).read_to_end(&mut answer).await;
    if answer.is_empty() {
        sent?;
        read?;
    }
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

async fn send(stream: &mut TcpStream, content: &[u8]) -> std::io::Result<()> {
    stream.write_all(b"zINSTREAM\0").await?;
    for piece in content.chunks(PIECE) {
        stream.write_u32(u32::try_from(piece.len()).unwrap_or_default()).await?;
        stream.write_all(piece).await?;
    }
    stream.write_u32(0).await?;
    stream.flush().await
}

/// `stream: OK`, `stream: <name> FOUND`, or a reason that ends with `ERROR`.
fn read(answer: &str) -> Result<Verdict, ScanError> {
    let line = answer.trim_end_matches(['\0', '\n']).trim();
    match line.strip_prefix("stream: ") {
        Some("OK") => Ok(Verdict::Clean),
        Some(rest) if rest.ends_with(" FOUND") => {
            Ok(Verdict::Infected(rest.trim_end_matches(" FOUND").chars().take(200).collect()))
        }
        _ => Err(ScanError::Refused { answer: line.chars().filter(|c| !c.is_control()).take(200).collect() }),
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;
    use tokio::task::JoinHandle;

    use super::*;

    /// A strict clamd for one question: it takes nothing but the protocol, and hands over what it was sent.
    async fn daemon(answer: &'static [u8], most: usize) -> (Scanner, JoinHandle<Vec<u8>>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let scanner = Scanner::at(&listener.local_addr().unwrap().to_string()).unwrap();
        let served = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut command = [0; 10];
            stream.read_exact(&mut command).await.unwrap();
            assert_eq!(&command, b"zINSTREAM\0");
            let mut content = Vec::new();
            while content.len() <= most {
                let length = stream.read_u32().await.unwrap() as usize;
                if length == 0 {
                    break;
                }
                let mut piece = vec![0; length];
                stream.read_exact(&mut piece).await.unwrap();
                content.extend(piece);
            }
            stream.write_all(answer).await.unwrap();
            content
        });
        (scanner, served)
    }

    #[tokio::test]
    async fn the_content_goes_over_whole_and_the_answer_is_the_verdict() {
        let content: Vec<u8> = (0..200_000_u32).map(|n| n.to_le_bytes()[0]).collect();
        let (scanner, served) = daemon(b"stream: OK\0", usize::MAX).await;
        assert_eq!(scanner.scan(&content).await.unwrap(), Verdict::Clean);
        assert_eq!(served.await.unwrap(), content);
        let (scanner, _served) = daemon(b"stream: Win.Test.EICAR_HDB-1 FOUND\0", usize::MAX).await;
        let found = scanner.scan(b"X5O").await.unwrap();
        assert_eq!(found, Verdict::Infected("Win.Test.EICAR_HDB-1".to_owned()));
    }

    #[tokio::test]
    async fn what_is_no_verdict_is_tried_again() {
        let (scanner, _served) = daemon(b"INSTREAM size limit exceeded. ERROR\0", 100_000).await;
        let error = scanner.scan(&[0; 3_000_000]).await.unwrap_err();
        assert_eq!(error.class(), Class::Transient);
        let (scanner, _served) = daemon(b"", usize::MAX).await;
        assert!(
            matches!(scanner.scan(b"x").await, Err(ScanError::Refused { .. })),
            "it closed without a word"
        );
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        drop(listener);
        let scanner = Scanner::at(&address).unwrap();
        assert!(matches!(scanner.scan(b"x").await, Err(ScanError::Unreachable { .. })));
        assert!(Scanner::at("").is_none());
    }
}
