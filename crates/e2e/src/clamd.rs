use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// The file that every scanner finds, and that does nothing; in two pieces, so that none finds it here.
const EICAR: [&str; 2] = ["X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTI", "VIRUS-TEST-FILE!$H+H*"];

/// A daemon that speaks clamd's `INSTREAM` and nothing else, as strictly as the real one: it finds EICAR.
#[derive(Debug)]
pub struct Clamd {
    address: String,
    scanned: Arc<AtomicUsize>,
    served: JoinHandle<()>,
}

impl Clamd {
    /// Listens on this port.
    pub async fn start(port: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let scanned = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&scanned);
        let served = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let counter = Arc::clone(&counter);
                tokio::spawn(async move {
                    if answer(stream).await.is_ok() {
                        counter.fetch_add(1, Ordering::SeqCst);
                    }
                });
            }
        });
        Self { address, scanned, served }
    }

    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Files that it was sent whole.
    #[must_use]
    pub fn scanned(&self) -> usize {
        self.scanned.load(Ordering::SeqCst)
    }

    /// What it finds.
    #[must_use]
    pub fn eicar() -> String {
        EICAR.concat()
    }
}

impl Drop for Clamd {
    fn drop(&mut self) {
        self.served.abort();
    }
}

async fn answer(mut stream: TcpStream) -> std::io::Result<()> {
    let mut command = [0; 10];
    stream.read_exact(&mut command).await?;
    if &command != b"zINSTREAM\0" {
        return stream.write_all(b"UNKNOWN COMMAND\0").await;
    }
    let mut content = Vec::new();
    loop {
        let length = stream.read_u32().await? as usize;
        if length == 0 {
            break;
        }
        let at = content.len();
        content.resize(at + length, 0);
        stream.read_exact(&mut content[at..]).await?;
    }
    let eicar = Clamd::eicar();
    let found = content.windows(eicar.len()).any(|piece| piece == eicar.as_bytes());
    let verdict: &[u8] = if found { b"stream: Eicar-Test-Signature FOUND\0" } else { b"stream: OK\0" };
    stream.write_all(verdict).await
}
