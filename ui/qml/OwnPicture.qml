import QtQuick
import Telecabine

// What the booth's own screen shows of its cameras: a moving picture, or a photograph. Nothing leaves by being shown here.
Item {
    id: own
    property bool mirrored: false
    property bool outline: false
    VideoItem {
        id: video
        objectName: "own"
        readonly property string text: picture
        anchors.fill: parent
        source: Booth.own
        transform: Scale {
            origin.x: video.width / 2
            xScale: own.mirrored ? -1 : 1
        }
        Accessible.role: Accessible.Graphic
        Accessible.name: Say.t("own-picture")
    }
    Image {
        visible: own.outline && video.picture !== "none"
        anchors.centerIn: parent
        width: Math.min(parent.width, parent.height * video.aspect)
        height: width / video.aspect
        sourceSize.width: 960
        // the ellipse of kiosk/call/surroundings.py, OVAL
        source: "data:image/svg+xml;utf8," + encodeURIComponent('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1000 1000" preserveAspectRatio="none"><ellipse cx="500" cy="460" rx="170" ry="340" fill="none" stroke="#ffffff" stroke-width="7" stroke-dasharray="30 18"/></svg>')
        fillMode: Image.Stretch
    }
    Txt {
        visible: video.picture === "none"
        anchors.centerIn: parent
        width: parent.width - 40
        horizontalAlignment: Text.AlignHCenter
        text: Say.t("own-waiting")
        color: "#ffffff"
    }
}
