import QtQuick

// Looks an item up by its name for a script (ui/remote.py): what it shows and where its centre is.
QtObject {
    id: eye
    property Item root: null
    property var seen: null
    property Item grabber: null
    property string taker: ""

    function look(name) {
        const found = []
        search(root, name, found)
        const item = found.find(candidate => candidate.visible) ?? found[0]
        if (!item) {
            seen = null
            return
        }
        const centre = item.mapToItem(root, item.width / 2, item.height / 2)
        seen = {
            "text": String(item.text ?? ""),
            "visible": item.visible,
            "enabled": item.enabled,
            "focused": item.activeFocus,
            "checked": item.checked === true,
            "x": centre.x,
            "y": centre.y,
            "inside": shows(item, centre)
        }
    }
    // Who took the press: `name` when the grabber is that item or a part of it.
    function takes(name) {
        taker = !grabber ? "" : grabber.objectName !== "" ? grabber.objectName : "another item"
        for (let at = grabber; at; at = at.parent) {
            if (at.objectName === name)
                taker = name
        }
        grabber = null
    }
    function search(item, name, found) {
        for (const child of item.children) {
            if (child.objectName === name)
                found.push(child)
            search(child, name, found)
        }
    }
    // Whether the centre is inside of the window and of every ancestor that clips.
    function shows(item, centre) {
        for (let at = item.parent; at; at = at.parent) {
            const point = at.mapFromItem(root, centre.x, centre.y)
            if ((at.clip || at === root) && (point.x < 0 || point.y < 0 || point.x >= at.width || point.y >= at.height))
                return false
        }
        return true
    }
}
