//! The one listener of a process.

use std::io::ErrorKind;
use std::net::SocketAddr;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::serve::ListenerExt;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::StartError;

/// The longest body that an endpoint takes if it does not set its own limit: 1 MiB.
const BODY_LIMIT: usize = 1 << 20;

pub(crate) async fn bind(address: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(address).await.map_err(|source| StartError::Listen {
        address: address.to_string(),
        hint: match source.kind() {
            ErrorKind::AddrInUse => "another program has this port: stop it or set another [server] listen",
            ErrorKind::PermissionDenied => {
                "this user may not take the port: set one above 1023 in [server] listen"
            }
            ErrorKind::AddrNotAvailable => "the machine has no such address: correct [server] listen",
            _ => "correct [server] listen",
        },
        source,
    })
}

/// Serves HTTP/1.1 and HTTP/2 (gRPC) until told to stop, then finishes what is under way.
pub(crate) async fn serve(listener: TcpListener, app: Router, stop: CancellationToken) {
    let app = app.layer(DefaultBodyLimit::max(BODY_LIMIT));
    // An answer is one small packet; waiting to fill a larger one only delays it.
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY was refused");
        }
    });
    // The router's make-service never fails, and neither does accepting: axum waits and tries again.
    let served = axum::serve(listener, app).with_graceful_shutdown(stop.cancelled_owned()).await;
    if let Err(error) = served {
        tracing::error!(%error, "the HTTP listener ended");
    }
}
