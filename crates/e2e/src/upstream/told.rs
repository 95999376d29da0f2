//! An answer that the test writes, piece by piece, while somebody reads it.

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;

use super::{STREAM, chunk};

/// A call that waits for the test's words. Dropped, it says nothing more and does not end.
#[derive(Debug)]
pub struct Told {
    /// What was asked.
    pub body: Value,
    orders: mpsc::UnboundedSender<Order>,
}

#[derive(Debug)]
pub(super) enum Order {
    Writes(String),
    Ends,
}

impl Told {
    pub(super) fn new(body: Value) -> (Self, mpsc::UnboundedReceiver<Order>) {
        let (orders, taken) = mpsc::unbounded_channel();
        (Self { body, orders }, taken)
    }

    /// The answer goes on with this.
    pub fn writes(&self, text: &str) {
        // Whoever read it may have gone.
        let _ = self.orders.send(Order::Writes(text.to_owned()));
    }

    /// The answer is whole.
    pub fn ends(self) {
        let _ = self.orders.send(Order::Ends);
    }
}

/// Does what is ordered until the end. Whether whoever called went away before it.
pub(super) async fn serve(
    stream: &mut TcpStream,
    mut orders: mpsc::UnboundedReceiver<Order>,
    usage: &Value,
) -> bool {
    let (mut read, mut write) = stream.split();
    if write.write_all(STREAM.as_bytes()).await.is_err() {
        return true;
    }
    let delta = |delta: Value, finish: Value| {
        chunk(&json!([{"index": 0, "delta": delta, "finish_reason": finish}]), &Value::Null)
    };
    let mut byte = [0; 1];
    loop {
        let order = tokio::select! {
            // Nothing more is sent to us, so the next byte is the end.
            _ = read.read(&mut byte) => return true,
            Some(order) = orders.recv() => order,
        };
        let (text, is_end) = match order {
            Order::Writes(text) => (delta(json!({ "content": text }), Value::Null), false),
            Order::Ends => {
                let end = delta(json!({}), json!("stop"));
                (format!("{end}{}data: [DONE]\n\n", chunk(&json!([]), usage)), true)
            }
        };
        if write.write_all(text.as_bytes()).await.is_err() {
            return true;
        }
        if is_end {
            return false;
        }
    }
}
