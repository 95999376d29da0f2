//! The hand of a person: it presses what can be seen and reached, and types key by key.

use std::path::Path;

use serde_json::{Value, json};

use super::Browser;

/// `find` names an element. Says where its middle is once it stands still, in sight and uncovered; and marks
/// whether the click arrives there.
const REACH: &str = "
    const node = (FIND);
    if (!node) return null;
    const before = node.getBoundingClientRect();
    node.scrollIntoView({ block: 'nearest', inline: 'nearest', behavior: 'instant' });
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    const box = node.getBoundingClientRect();
    if (!box.width || !box.height || box.x !== before.x || box.y !== before.y) return null;
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    if (!node.contains(document.elementFromPoint(x, y))) return null;
    window.e2eHit = false;
    node.addEventListener('click', () => { window.e2eHit = true; }, { once: true, capture: true });
    return [x, y];";

const FOCUS: &str = "
    const node = (FIND);
    if (!node || !node.checkVisibility() || node.disabled) return false;
    node.focus();
    return document.activeElement === node;";

impl Browser {
    /// Presses the element that a script names, if it can be reached now.
    pub(super) async fn try_click(&self, find: &str) -> Option<()> {
        self.try_follow(find).await?;
        (self.ask("return window.e2eHit;").await == Value::Bool(true)).then_some(())
    }

    /// Presses what may lead to another page: whether it was hit is seen by what comes then, for the page is gone.
    pub(super) async fn try_follow(&self, find: &str) -> Option<()> {
        let place = self.try_ask(&REACH.replace("FIND", find)).await.ok()?;
        let (x, y) = (place.get(0)?.as_f64()?, place.get(1)?.as_f64()?);
        for kind in ["mouseMoved", "mousePressed", "mouseReleased"] {
            let (button, clicks) = if kind == "mouseMoved" { ("none", 0) } else { ("left", 1) };
            let event = json!({ "type": kind, "x": x, "y": y, "button": button, "clickCount": clicks });
            self.command("Input.dispatchMouseEvent", event).await;
        }
        Some(())
    }

    /// Types into the element that a script names, if it takes the keys now.
    pub(super) async fn try_type(&self, find: &str, text: &str) -> Option<()> {
        if self.try_ask(&FOCUS.replace("FIND", find)).await.ok()? != Value::Bool(true) {
            return None;
        }
        for sign in text.chars() {
            let down = json!({ "type": "keyDown", "text": sign, "unmodifiedText": sign, "key": sign });
            self.command("Input.dispatchKeyEvent", down).await;
            self.command("Input.dispatchKeyEvent", json!({ "type": "keyUp", "key": sign })).await;
        }
        Some(())
    }

    /// Chooses a file in the input that a script names, if it is there.
    pub(super) async fn try_choose(&self, find: &str, file: &Path) -> Option<()> {
        let params = json!({ "expression": find });
        let found = self.command("Runtime.evaluate", params).await;
        let input = found["result"]["objectId"].as_str()?;
        self.command("DOM.setFileInputFiles", json!({ "files": [file], "objectId": input })).await;
        Some(())
    }
}
