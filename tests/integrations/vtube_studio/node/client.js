// Talks to a server as the independent client `vtubestudio` does, and prints what it got as one line of JSON.
// Arguments: address, icon as base64, and ids of two models.

'use strict'

// The client waits one second for most answers: too little on a busy machine.
const wait = globalThis.setTimeout
globalThis.setTimeout = (deed, ms, ...rest) => wait(deed, ms * 20, ...rest)

const { ApiClient } = require('vtubestudio')
const WebSocket = require('ws')

const [url, pluginIcon, home, away] = process.argv.slice(2)
const got = { events: {}, errors: {}, trouble: [], heard: [] }
let token = null

function hear(name) {
    return data => (got.events[name] = got.events[name] || []).push(data)
}

async function refused(name, deed) {
    try {
        got.errors[name] = await deed()
    } catch (error) {
        got.errors[name] = error.data ? error.data.errorID : String(error)
    }
}

async function until(condition) {
    while (!condition()) await new Promise(done => wait(done, 5))
}

async function play(api) {
    got.token = token
    got.state = await api.apiState()
    got.statistics = await api.statistics()
    got.folders = await api.vtsFolderInfo()
    got.model = await api.currentModel()
    got.models = await api.availableModels()
    await api.events.test.subscribe(hear('test'), { testMessageForEvent: 'still there?' })
    await api.events.modelMoved.subscribe(hear('modelMoved'))
    await api.events.modelLoaded.subscribe(hear('modelLoaded'), {})
    await api.events.hotkeyTriggered.subscribe(hear('hotkeyTriggered'), { ignoreHotkeysTriggeredByAPI: false })
    await api.events.item.subscribe(hear('item'), {})
    await api.events.modelClicked.subscribe(hear('modelClicked'), { onlyClicksOnModel: true })
    await refused('longTestMessage', () => api.events.test.subscribe(hear('test'), { testMessageForEvent: 'x'.repeat(33) }))
    got.hotkeys = await api.hotkeysInCurrentModel({})
    got.byName = await api.hotkeyTrigger({ hotkeyID: 'sMILE' })
    await refused('unknownHotkey', () => api.hotkeyTrigger({ hotkeyID: 'no such hotkey' }))
    got.expressions = await api.expressionState({ details: true })
    await api.expressionActivation({ expressionFile: 'Blush.exp3.json', fadeTime: 0.5, active: true })
    got.blush = await api.expressionState({ details: false, expressionFile: 'Blush.exp3.json' })
    await refused('noExpressionFile', () => api.expressionActivation({ expressionFile: 'Blush.png', active: true }))
    got.meshes = await api.artMeshList()
    got.tint = await api.colorTint({ colorTint: { colorR: 255, colorG: 150, colorB: 0, colorA: 255 }, artMeshMatcher: { tintAll: false, nameContains: ['HAIR'] } })
    got.face = await api.faceFound()
    got.created = await api.parameterCreation({ parameterName: 'MyNewParamName', explanation: 'New.', min: -50, max: 50, defaultValue: 10 })
    await refused('shortParameter', () => api.parameterCreation({ parameterName: 'abc', explanation: '', min: 0, max: 1, defaultValue: 0 }))
    await api.injectParameterData({ mode: 'set', faceFound: true, parameterValues: [{ id: 'MyNewParamName', value: 20 }, { id: 'FaceAngleX', value: 10, weight: 0.5 }] })
    await api.injectParameterData({ mode: 'add', parameterValues: [{ id: 'FaceAngleX', value: 2 }] })
    got.own = await api.parameterValue({ name: 'MyNewParamName' })
    got.angle = await api.parameterValue({ name: 'FaceAngleX' })
    got.inputs = await api.inputParameterList()
    got.live2d = await api.live2DParameterList()
    await refused('unknownInput', () => api.injectParameterData({ parameterValues: [{ id: 'MouthOpen', value: 1 }, { id: 'NoSuchInput', value: 1 }] }))
    await refused('bigValue', () => api.injectParameterData({ parameterValues: [{ id: 'MouthOpen', value: 2000000 }] }))
    await refused('heldByOther', () => api.injectParameterData({ parameterValues: [{ id: 'CheekPuff', value: 1 }] }))
    got.deleted = await api.parameterDeletion({ parameterName: 'MyNewParamName' })
    await api.moveModel({ timeInSeconds: 0.1, valuesAreRelativeToModel: false, positionX: 0.1, positionY: -0.7, rotation: -20, size: -22.5 })
    await until(() => got.events.modelMoved.some(each => each.modelPosition.positionX === 0.1))
    await refused('longMove', () => api.moveModel({ timeInSeconds: 3, valuesAreRelativeToModel: false }))
    const lists = { includeAvailableSpots: true, includeItemInstancesInScene: true, includeAvailableItemFiles: true }
    got.item = await api.itemLoad({ fileName: 'heart.png', positionX: 0.2, size: 0.3, unloadWhenPluginDisconnects: true })
    got.items = await api.itemList(lists)
    got.moved = await api.itemMove({ itemsToMove: [{ itemInstanceID: got.item.instanceID, positionX: 0.5 }, { itemInstanceID: 'nobody' }] })
    got.unloaded = await api.itemUnload({ unloadAllInScene: false, unloadAllLoadedByThisPlugin: true, allowUnloadingItemsLoadedByUserOrOtherPlugins: false, instanceIDs: [], fileNames: [] })
    await api.itemLoad({ fileName: 'hat.gif', unloadWhenPluginDisconnects: true })
    got.loaded = await api.modelLoad({ modelID: away })
    await refused('loadTooSoon', () => api.modelLoad({ modelID: home }))
    await until(() => (got.events.test || []).length > 1 && (got.events.modelLoaded || []).length > 1)
    await api.events.test.unsubscribe()
}

async function main() {
    const api = new ApiClient({
        url,
        pluginName: 'Independent client',
        pluginDeveloper: 'Somebody else',
        pluginIcon,
        authTokenGetter: () => token,
        authTokenSetter: async given => { token = given },
        webSocketFactory: address => {
            const socket = new WebSocket(address)
            socket.addEventListener('message', ({ data }) => got.heard.push(JSON.parse(data)))
            return socket
        },
    })
    api.on('error', error => {
        got.trouble.push(String(error))
        finish()
    })
    const finish = () => {
        process.stdout.write(JSON.stringify(got) + '\n', () => process.exit(got.trouble.length))
    }
    api.on('connect', async () => {
        try {
            await play(api)
        } catch (error) {
            got.trouble.push(String(error && error.stack))
        }
        await api.disconnect()
        finish()
    })
}

main()
