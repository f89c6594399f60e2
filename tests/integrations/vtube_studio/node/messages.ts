// The messages of VTube Studio's API, after the types of the independent client `vtubestudio`.
// Where that client departs from the official README, the README is right: see the corrections at the end.

import type { ApiClient, ErrorCode, HotkeyType } from 'vtubestudio'
import type { IApiMessage } from 'vtubestudio/lib/api'

type Names = { APIState: 'apiState', VTSFolderInfo: 'vtsFolderInfo', NDIConfig: 'ndiConfig' }
type NameOf<Kind extends string> = Kind extends keyof Names ? Names[Kind] : Uncapitalize<Kind>
type Call<Kind extends string> = NameOf<Kind> extends keyof ApiClient ? ApiClient[NameOf<Kind>] : never
type Subscribe<Kind extends string> = Uncapitalize<Kind> extends keyof ApiClient['events'] ? ApiClient['events'][Uncapitalize<Kind>]['subscribe'] : never

type Nothing = Record<string, never>
/** An empty type takes any field; this takes none. */
type Exact<Data> = [Data] extends [never] ? never : [Data] extends [void] ? Nothing : keyof Data extends never ? Nothing : Data

/** The client always sends a time and an id; both may be left out. */
type Asked<Type extends string, Data> = Omit<IApiMessage<Type, {}>, 'data' | 'timestamp' | 'requestID'>
    & Partial<Pick<IApiMessage<Type, {}>, 'timestamp' | 'requestID'>>
    & ([Data] extends [never] ? never : [Data] extends [Nothing] ? { data?: Data | null } : { data: Data })
type Told<Type extends string, Data> = Omit<IApiMessage<Type, {}>, 'data'> & { data: Data }

type RequestData<Kind extends string> = [Call<Kind>] extends [never] ? never : Call<Kind> extends (...given: infer Given) => any ? Exact<Given[0]> : never
type ReplyData<Kind extends string> = [Call<Kind>] extends [never] ? never : Call<Kind> extends (...given: any[]) => Promise<infer Data> ? Exact<Data> : never
type Config<Kind extends string> = [Subscribe<Kind>] extends [never] ? never : Subscribe<Kind> extends (...given: infer Given) => any ? Exact<NonNullable<Given[1]>> : never
type EventData<Kind extends string> = [Subscribe<Kind>] extends [never] ? never : Subscribe<Kind> extends (callback: (data: infer Data) => void, ...rest: any[]) => any ? Data : never

export type Request<Kind extends string> = Asked<`${Kind}Request`, RequestData<Kind>>
export type Reply<Kind extends string> = Told<`${Kind}Response`, Corrected<ReplyData<Kind>, Kind, ReplyCorrections>>
export type Failure = Told<'APIError', { errorID: ErrorCode, message: string }>
export type Subscription<Kind extends string> = Asked<'EventSubscriptionRequest', {
    eventName: `${Kind}Event`
    subscribe: boolean
    config?: Corrected<Config<Kind>, Kind, ConfigCorrections>
} & ([Config<Kind>] extends [never] ? never : unknown)>
export type EndOfAllSubscriptions = Asked<'EventSubscriptionRequest', { eventName?: '', subscribe: false }>
export type Subscribed = Told<'EventSubscriptionResponse', { subscribedEventCount: number, subscribedEvents: string[] }>
export type Event<Kind extends string> = Told<`${Kind}Event`, Corrected<EventData<Kind>, Kind, EventCorrections>>

type Corrected<Data, Kind extends string, Corrections> = Kind extends keyof Corrections ? Omit<Data, keyof Corrections[Kind]> & Corrections[Kind] : Data

type Expression = ReplyData<'ExpressionState'>['expressions'][number]
type ItemFile = ReplyData<'ItemList'>['availableItemFiles'][number]
interface ReplyCorrections {
    ItemList: { availableItemFiles: (Omit<ItemFile, 'loadedCount'> & { loadedCount: number })[] }
    ExpressionState: { expressions: (Omit<Expression, 'secondsRemaining'> & { secondsRemaining: number })[] }
}
interface ConfigCorrections {
    HotkeyTriggered: { onlyForAction?: keyof typeof HotkeyType }
}
interface EventCorrections {
    HotkeyTriggered: { hotkeyAction: keyof typeof HotkeyType }
    ModelClicked: { mouseButtonID: 0 | 1 | 2 }
}
